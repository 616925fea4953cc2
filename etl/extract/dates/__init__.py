"""The dates of an article: when it was published and when it was last changed."""

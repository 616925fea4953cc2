"""The text of an article: a page is split into blocks, and a classifier chooses those that belong to the body."""

"""The text of an article: a page is read in blocks, and a classifier chooses those that belong to the body."""

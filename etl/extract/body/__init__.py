"""The text of an article: a page is cut into blocks, and a classifier chooses among them."""

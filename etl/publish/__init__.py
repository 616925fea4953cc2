"""Publishing: makes the file that users query from the tables, exports it, makes snapshots and compares them."""

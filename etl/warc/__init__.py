"""Reading and writing WARC files."""

"""Files that a user brings: WARC, JSON lines, CSV and Parquet."""

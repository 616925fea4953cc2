"""Files that a user imports: WARC, JSON lines, CSV and Parquet."""

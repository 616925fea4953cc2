"""Storage: the Delta tables, DuckDB over them, and where every file of a warehouse lies."""

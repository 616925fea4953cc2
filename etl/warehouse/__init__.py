"""Storage: the Delta tables, DuckDB views of them, and the paths of all files in a warehouse."""

"""Topics: their files, the query language, and the matcher that finds where articles satisfy a query."""

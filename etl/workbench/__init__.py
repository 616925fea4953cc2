"""Try things out without changing a warehouse: stages on single files, a source, a topic's query."""

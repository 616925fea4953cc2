"""Trying things out without changing a warehouse: single files, a source, a topic."""

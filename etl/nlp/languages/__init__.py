"""What is particular to a language: a folder each, with the same files."""

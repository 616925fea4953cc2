"""Rules and word lists of single languages, one folder per language."""

"""Word lists of all languages."""

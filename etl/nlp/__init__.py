"""From a text to the names in it and the quotes with their speakers."""

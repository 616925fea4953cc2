"""The credits of an article: its authors and the news agency that it comes from."""

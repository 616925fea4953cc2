"""Extraction: from a page to an article with its body, title, authors, language, and dates with their provenance."""

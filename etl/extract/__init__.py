"""From a page to an article: body, title, authors, dates with their provenance, language."""

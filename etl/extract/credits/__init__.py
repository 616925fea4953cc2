"""Who wrote an article: authors and news agencies."""

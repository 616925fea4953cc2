"""From a query to the sentences, paragraphs and articles that satisfy it."""

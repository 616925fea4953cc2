"""Names: finding them, grouping them within an article, linking them to the gazetteer."""

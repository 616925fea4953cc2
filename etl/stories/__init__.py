"""From articles to stories: which texts are copies of which."""

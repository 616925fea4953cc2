"""Word lists that several modules share."""

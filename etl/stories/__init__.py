"""Stories: which articles copy the text of which."""

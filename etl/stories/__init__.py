"""Stories: finds the articles whose text copies an earlier article's."""

"""Names and quotations with their speakers in the texts of articles."""

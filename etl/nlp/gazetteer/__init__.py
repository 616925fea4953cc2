"""Names that are known beforehand: countries, persons, organisations and places."""

"""The gazetteer: countries, persons, organisations and places that are known beforehand."""

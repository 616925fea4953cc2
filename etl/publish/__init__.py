"""From the tables to the published file: views, coverage, marts, series."""

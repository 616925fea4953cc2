"""Answers from the published file: timelines, quotes, single articles, and what is behind a number of a series."""

"""Answers read from the published file: timelines, quotes, single articles, the reasons behind a number."""

"""Answers from the published file: timelines, quotes, single articles, and the sentences behind a topic's counts."""

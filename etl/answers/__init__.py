"""Answers from the published file: timelines, quotes, single articles, and the articles and sentences behind one count
of a topic's series.
"""

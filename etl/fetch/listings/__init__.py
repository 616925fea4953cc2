"""Listings of pages: feeds, sitemaps, section pages and lists of addresses. `read.py` registers the kinds."""

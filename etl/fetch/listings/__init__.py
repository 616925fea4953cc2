"""Listings of pages: feeds, sitemaps, section pages and plain lists."""

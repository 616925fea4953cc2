"""Dateline: from news sites and web archives to who said what about whom, and when."""

__version__ = "0.1.0"

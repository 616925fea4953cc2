"""Quotations: finding them, and finding their speakers."""

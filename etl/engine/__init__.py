"""Stages: which units are stale, and how they are computed and committed."""

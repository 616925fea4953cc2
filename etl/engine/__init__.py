"""Stages: what is stale, and the one way to bring it up to date."""

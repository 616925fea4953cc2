"""Runs the stages in order: in one process, or as separate steps of a scheduler."""

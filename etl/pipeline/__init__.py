"""The stages in order, run in one process or step by step under a scheduler."""

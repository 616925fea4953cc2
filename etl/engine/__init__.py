"""Stages of the pipeline: which units of work (such as a batch or a day) are out of date, and how they are computed and
committed.
"""

"""The stages without a warehouse: from files to JSON objects, for trying single pages, for scripts and for
measurements.
"""

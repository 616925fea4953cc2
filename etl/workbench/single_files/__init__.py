"""The stages without a warehouse: from files to JSON objects, for one page, for scripts, for measurements."""

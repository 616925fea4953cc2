"""The fetch stage: from web sites to WARC files. Its results are recorded and never computed again."""

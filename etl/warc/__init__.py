"""Reading and writing WARC files. This module defines the name endings of these files and of their companion files."""

WARC_ENDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz")
OPEN_ENDING = ".open"  # a file that is not complete yet
JOURNAL_ENDING = ".journal"  # what a killed writer had written: lets another process continue
INDEX_ENDING = ".index"  # where each record of a complete file lies

"""Programs that fit the shipped models; not needed at run time."""

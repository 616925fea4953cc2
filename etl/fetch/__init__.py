"""From the web or a file to a WARC in the warehouse: the only stage that is recorded, not derived."""

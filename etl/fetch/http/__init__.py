"""HTTP requests: bounded, polite, and only to public addresses."""

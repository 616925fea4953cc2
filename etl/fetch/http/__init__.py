"""HTTP requests: limited, polite, and only to public addresses."""

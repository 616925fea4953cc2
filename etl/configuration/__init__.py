"""The user's configuration: settings, sources, and a YAML reader that reports line numbers."""

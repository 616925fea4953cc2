"""What a user configures: settings, sources, and reading YAML with line numbers."""

"""The neural model that marks names and parts of quotations."""

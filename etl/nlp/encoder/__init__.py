"""The neural model that tags names and parts of quotations."""

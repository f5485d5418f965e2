"""Orders that end or change positions."""

"""One order from intent to end."""

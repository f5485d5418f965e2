"""Orders that are placed together."""

"""Strategies, own code and runs in JSON."""

"""Strategies and their runs over REST."""

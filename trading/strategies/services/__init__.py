"""Writes of strategies and their runs."""

"""Reads of strategies: what can be run, the runs, and what they wanted."""

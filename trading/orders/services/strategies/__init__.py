"""Strategies built from options: keeping them, and making them from ready shapes."""

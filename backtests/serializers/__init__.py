"""Runs in the API."""

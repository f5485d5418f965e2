"""The API of this app, by noun."""

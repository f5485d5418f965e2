"""The API of strategies and their runs."""

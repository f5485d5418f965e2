"""The shapes of strategies and their runs in the API."""

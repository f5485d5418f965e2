"""Pages of strategies and their runs."""

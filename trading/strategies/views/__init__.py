"""The pages of strategies and their runs."""

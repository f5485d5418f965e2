"""The shape of what pages of strategies send."""

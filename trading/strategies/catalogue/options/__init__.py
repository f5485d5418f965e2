"""Strategies of options. What they share is in `base`; a shape of its own is a few lines on top of it."""

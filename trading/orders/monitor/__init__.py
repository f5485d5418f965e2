"""Watching prices for triggers: a listener on the tick path, and the sweep underneath it."""

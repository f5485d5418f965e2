"""Kills and faults against the live route, and a checker of what must hold whatever happens (docs/routing.md)."""

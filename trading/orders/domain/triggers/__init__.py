"""Triggers, pure: what may be asked for, when a leg fires, how a trailing stop follows, which moves are legal."""

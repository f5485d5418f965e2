"""Figures of performance: pure functions over returns, equity and trades."""

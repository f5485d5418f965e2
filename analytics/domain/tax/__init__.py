"""Trades as an Indian resident declares them. Arithmetic, not advice: docs/analytics.md says its limits."""

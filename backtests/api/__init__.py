"""The backtester over REST."""

"""The pages of backtests."""

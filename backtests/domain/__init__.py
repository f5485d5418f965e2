"""Pure code of backtests: no Django."""

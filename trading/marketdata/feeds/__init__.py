"""Sources of ticks and the runner that turns them into quotes and candles."""

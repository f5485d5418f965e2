"""Back-tests: engine, runs, sweeps, walk-forward and comparison of strategies on recorded data."""

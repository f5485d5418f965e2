"""The shapes of the risk API."""

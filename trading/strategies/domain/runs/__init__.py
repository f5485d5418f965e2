"""Runs of strategies on accounts: their states, schedule, limits and signals, as rules without a database."""

"""Reads of the strategy builder: legs with their contracts, the market they are in, and what they come to."""

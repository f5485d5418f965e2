"""A market that does not exist: deterministic by seed, plausible in shape, labelled `simulated` everywhere."""

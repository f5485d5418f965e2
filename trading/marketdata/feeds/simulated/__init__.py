"""A market that does not exist: deterministic by seed, plausible in shape, labelled `simulated` everywhere."""

from .feed import SimulatedFeed
from .universe import SimulatedInstrument, Universe

__all__ = ["SimulatedFeed", "SimulatedInstrument", "Universe"]

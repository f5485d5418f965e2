"""Reads of options and futures: contracts, chains now and then, analytics."""

from .contracts import ChainContracts, ListedOption, chain_contracts, option_expiries
from .latest import chain_latest
from .rates import interest_rate

__all__ = [
    "ChainContracts",
    "ListedOption",
    "chain_contracts",
    "chain_latest",
    "interest_rate",
    "option_expiries",
]

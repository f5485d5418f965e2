"""Reads of options and futures: contracts, chains now and then, series through a day, the futures curve."""

from .columns import chain_columns_for
from .contracts import (
    ChainContracts,
    ListedOption,
    chain_contracts,
    living_chains,
    option_expiries,
    option_underlying,
    option_underlyings,
)
from .futures import FuturesCurve, futures_curve
from .history import chain_at, chain_now
from .latest import chain_latest, chain_of_quotes
from .rates import interest_rate
from .series import INTERVALS, ChainPoint, StrikeBars, chain_series, strike_bars

__all__ = [
    "INTERVALS",
    "ChainContracts",
    "ChainPoint",
    "FuturesCurve",
    "ListedOption",
    "StrikeBars",
    "chain_at",
    "chain_columns_for",
    "chain_contracts",
    "chain_latest",
    "chain_now",
    "chain_of_quotes",
    "chain_series",
    "futures_curve",
    "interest_rate",
    "living_chains",
    "option_expiries",
    "option_underlying",
    "option_underlyings",
    "strike_bars",
]

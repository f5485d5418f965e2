"""What somebody asks for, before it is checked against the strategies, instruments and data there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.slippage import SlippageModel

from .engine import Charging, Funds
from .option_market import OptionModel


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyTerms:
    """One strategy by its key, and what it runs on. Without a product the usual one of instrument and timeframe."""

    key: str
    symbols: tuple[str, ...]
    interval: Interval
    parameters: Mapping[str, object] = field(default_factory=dict)
    product: Product | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTerms:
    """A run over trading dates, both included; `capital_paise` is shared by its strategies.

    `slippage_model` None leaves slippage to the venue's own terms. `benchmark` is an instrument's key, or empty.
    `option_model` prices contracts that are not stored; None is the usual one.
    """

    strategies: tuple[StrategyTerms, ...]
    first: date
    last: date
    capital_paise: int
    plan: str = ""
    charging: Charging = Charging.RATES
    funds: Funds = Funds.REAL
    slippage_model: SlippageModel | None = None
    slippage_value: Decimal = Decimal(0)
    square_off: bool = True
    seed: int = 0
    benchmark: str = ""
    name: str = ""
    wants_look_ahead: bool = False
    option_model: OptionModel | None = None

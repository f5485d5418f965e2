"""Every shape held to its settlement earns what the house's payoff says, at every price the market may end."""

from decimal import Decimal

import pytest

from trading.marketdata.domain.options.payoff import Leg, LegKind, payoff_at_expiry
from trading.orders.domain.option_choice import Right
from trading.strategies.catalogue.options.base import OptionStrategy
from trading.strategies.catalogue.options.condors import IronButterfly, IronCondor
from trading.strategies.catalogue.options.covered import CoveredCall, ProtectivePut
from trading.strategies.catalogue.options.ratios import RatioSpread
from trading.strategies.catalogue.options.spreads import (
    BearCallSpread,
    BearPutSpread,
    BullCallSpread,
    BullPutSpread,
)
from trading.strategies.catalogue.options.straddles import LongStraddle, LongStrangle, ShortStraddle, ShortStrangle

from .made_market import THURSDAYS, MadeMarket

KINDS = {Right.CALL: LegKind.CALL, Right.PUT: LegKind.PUT}
FREE = dict.fromkeys(("stop_percent", "target_percent", "leg_stop"), 0)
SHAPES: list[tuple[type[OptionStrategy], dict[str, int]]] = [
    (BullCallSpread, {"width": 4}),
    (BearPutSpread, {"width": 4}),
    (BullPutSpread, {"width": 4}),
    (BearCallSpread, {"width": 4}),
    (LongStraddle, {}),
    (ShortStraddle, {}),
    (LongStrangle, {"distance": 3}),
    (ShortStrangle, {"distance": 3}),
    (IronCondor, {"distance": 2, "width": 3}),
    (IronButterfly, {"width": 5}),
    (RatioSpread, {"width": 3}),
    (CoveredCall, {"distance": 2}),
    (ProtectivePut, {"distance": 2}),
]


@pytest.mark.parametrize("end", [16_400.0, 17_310.0, 17_500.0, 17_655.0, 18_900.0])
@pytest.mark.parametrize(("strategy", "settings"), SHAPES, ids=lambda each: getattr(each, "key", ""))
def test_settlement_pays_what_the_payoff_says(
    strategy: type[OptionStrategy], settings: dict[str, int], end: float
) -> None:
    is_covered = strategy in (CoveredCall, ProtectivePut)
    given = {**FREE, **settings, "until": "settlement", "lots": 2}
    if is_covered:
        given["expiry"] = "current_week"
    market = MadeMarket(strategy(**given), is_share=is_covered)
    market.session(THURSDAYS[0].replace(day=3))
    market.at("09:20")
    legs = [_leg(market, symbol, units) for symbol, units in market.open.items()]
    assert len(legs) == len(market.strategy.plan())
    market.session(THURSDAYS[0])
    market.spot = end
    market.at("15:29")
    market.clock = market.clock.replace(hour=15, minute=30)
    market.session(THURSDAYS[0].replace(day=7))
    assert market.profit == payoff_at_expiry(legs)(Decimal(str(end)))


def _leg(market: MadeMarket, symbol: str, units: int) -> Leg:
    contract = market.contract(symbol)
    if contract.right is None:
        return Leg(kind=LegKind.SHARE, quantity=units, entry=market.price(symbol))
    assert contract.strike is not None
    return Leg(
        kind=KINDS[contract.right], quantity=units, entry=market.price(symbol), strike=contract.strike, years=0.01
    )

"""When a trade or one of its legs is to be given up: pure, from its profit, its premium and its prices."""

from collections.abc import Mapping
from decimal import Decimal

from .book import Leg, Trade
from .terms import OptionTerms

STOP, TARGET, TIME, SETTLED = "stop", "target", "time", "settled"
DELTA_EXIT = "delta"


def trade_exit(terms: OptionTerms, profit: Decimal, premium: Decimal) -> str:
    """Which of the overall limits a profit (rupees, before charges) has reached, empty for none.

    Percentages are of the premium that was paid or received, whichever way. The stop is asked first.
    """
    paid = abs(premium)
    stops = _limits(terms.stop_rupees, terms.stop_percent, paid)
    targets = _limits(terms.target_rupees, terms.target_percent, paid)
    if any(profit <= -stop for stop in stops):
        return STOP
    return TARGET if any(profit >= target for target in targets) else ""


def leg_exits(terms: OptionTerms, trade: Trade, prices: Mapping[str, Decimal]) -> dict[str, str]:
    """Leading legs, by symbol, whose own stop or target their price has reached, with which."""
    found = {}
    for leg in trade.open_legs:
        moved = leg.moved_against(prices[leg.symbol]) if leg.leads and leg.right is not None else None
        if moved is None:
            continue
        if _is_stopped(terms, leg, moved):
            found[leg.symbol] = STOP
        elif terms.leg_target and -moved >= terms.leg_target:
            found[leg.symbol] = TARGET
    return found


def net_delta(trade: Trade, deltas: Mapping[str, float]) -> float:
    """Units of the underlying that the open legs are worth, signed; the underlying itself counts one each."""
    return sum(leg.quantity * (deltas[leg.symbol] if leg.right is not None else 1.0) for leg in trade.open_legs)


def _is_stopped(terms: OptionTerms, leg: Leg, moved: float) -> bool:
    if leg.at_cost:
        return moved >= 0
    return bool(terms.leg_stop) and moved >= terms.leg_stop


def _limits(rupees: float, percent: float, paid: Decimal) -> list[Decimal]:
    limits = [Decimal(str(rupees))] if rupees else []
    if percent and paid:
        limits.append(paid * Decimal(str(percent)) / 100)
    return limits

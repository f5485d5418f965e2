"""Fills as a chart marks them."""

from datetime import datetime

from accounts.domain.actor import Actor
from trading.marketdata.domain.udf.marks import ChartFill

from .orders import trades_filtered

_MOST = 500


def chart_fills(actor: Actor, *, key: str, since: datetime, until: datetime) -> list[ChartFill]:
    """The trades in an instrument that the actor sees, in [since, until), oldest first; at most the latest 500."""
    fills = trades_filtered(actor, key=key, since=since, until=until)[:_MOST]
    found = [
        ChartFill(id=str(fill.id), at=fill.traded_at, side=fill.side, quantity=fill.quantity, price=fill.price)
        for fill in fills
    ]
    return found[::-1]

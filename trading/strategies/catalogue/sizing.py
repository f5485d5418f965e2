"""How many units to trade: whole lots, bounded by money and by what may be lost."""

from math import floor

from trading.strategies.domain import Context

ROOM = 1.06
"""What an order at the market is held at, to its last price: protection and charges."""


def affordable(ctx: Context, rupees: float, symbol: str) -> int:
    """Whole lots that an amount pays for, and that the cash of the moment does in any case."""
    return units_for(ctx, min(rupees, float(ctx.cash) / ROOM), symbol)


def units_for(ctx: Context, rupees: float, symbol: str) -> int:
    """Whole lots of an instrument that an amount pays for at its last price; 0 without a price."""
    price = ctx.last_price(symbol)
    if price is None or price <= 0:
        return 0
    lot = ctx.contract(symbol).lot_size
    return floor(rupees / float(price) / lot) * lot


def units_at_risk(ctx: Context, *, risk: float, share: float, entry: float, stop: float, symbol: str) -> int:
    """Whole lots of which a stop costs at most `risk` of equity and which cost at most `share` of it."""
    equity, distance = float(ctx.equity), abs(entry - stop)
    if distance <= 0 or entry <= 0 or equity <= 0:
        return 0
    lot = ctx.contract(symbol).lot_size
    return floor(min(risk * equity / distance, share * equity / entry) / lot) * lot

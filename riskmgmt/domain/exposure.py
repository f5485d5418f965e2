"""What an account is exposed to once an order has filled, measured over the account or one strategy of it.

All amounts are integer paise. Working orders count with the side of theirs that makes each position larger, because
they may fill before this one does; an order that only takes down what is open makes nothing larger.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from core.money import to_paise
from trading.orders.domain.exposure import exposure_value
from trading.orders.domain.gate import Exposure, OrderContext

UNCLASSIFIED = "Unclassified"
Sectors = Mapping[str, str]
_Position = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ExposureTotals:
    """`gross_paise` sums absolute values, `net_paise` signed ones; shares by name are absolute values."""

    gross_paise: int
    net_paise: int
    by_symbol: Mapping[str, int]
    by_underlying: Mapping[str, int]
    by_sector: Mapping[str, int]


def underlying_of(context: OrderContext) -> str:
    """The name under which the order's instrument meets its contracts."""
    return context.instrument.underlying or context.instrument.key.partition(":")[2]


def sector_of(underlying: str, sectors: Sectors) -> str:
    """The sector of a share or of what its contracts are written on."""
    return sectors.get(underlying, UNCLASSIFIED)


def order_exposure(context: OrderContext) -> Exposure:
    """What the order itself adds once it has filled."""
    intent, instrument = context.intent, context.instrument
    quantity = intent.side.sign * context.pending_quantity
    value = exposure_value(
        instrument_type=instrument.instrument_type,
        quantity=quantity,
        price=context.reference_price or Decimal(0),
        strike=instrument.strike,
    )
    return Exposure(
        key=instrument.key,
        underlying=underlying_of(context),
        instrument_type=instrument.instrument_type,
        product=intent.product,
        strategy=intent.strategy,
        quantity=quantity,
        value_paise=to_paise(value),
    )


def rows_after(context: OrderContext, *, strategy: str | None = None) -> list[Exposure]:
    """The account's positions once this order and all working ones have filled; `strategy` None takes them all."""
    return _of(at_worst(context.exposures, (*context.working, order_exposure(context))), strategy)


def at_worst(held: Iterable[Exposure], working: Iterable[Exposure]) -> list[Exposure]:
    """One row a position: what it becomes when the side of its working orders that makes it larger fills."""
    positions: dict[_Position, list[Exposure]] = defaultdict(list)
    orders: dict[_Position, list[Exposure]] = defaultdict(list)
    for row in held:
        positions[_position(row)].append(row)
    for row in working:
        orders[_position(row)].append(row)
    return [_larger(positions[name], orders[name]) for name in [*positions, *(orders.keys() - positions.keys())]]


def _larger(held: list[Exposure], working: list[Exposure]) -> Exposure:
    outcomes = [_after(held, [row for row in working if row.quantity * side > 0]) for side in (1, -1)]
    quantity, value = max(outcomes, key=lambda outcome: abs(outcome[1]))
    return replace((held or working)[0], quantity=quantity, value_paise=value)


def _after(held: list[Exposure], fills: list[Exposure]) -> tuple[int, int]:
    """Quantity and value once the fills, all of one side, have happened."""
    before, value = sum(row.quantity for row in held), sum(row.value_paise for row in held)
    traded, traded_value = sum(row.quantity for row in fills), sum(row.value_paise for row in fills)
    after = before + traded
    if before == 0 or before * traded >= 0:
        return after, value + traded_value
    # Closing takes the position's own value down; only what turns it is worth what the fills are worth.
    if after * before >= 0:
        return after, value * after // before
    return after, traded_value * after // traded


def exposure_totals(rows: Iterable[Exposure], sectors: Sectors) -> ExposureTotals:
    """Sums over rows as they are."""
    listed = list(rows)
    return ExposureTotals(
        gross_paise=sum(abs(row.value_paise) for row in listed),
        net_paise=sum(row.value_paise for row in listed),
        by_symbol=_shares(listed, lambda row: row.key),
        by_underlying=_shares(listed, lambda row: row.underlying),
        by_sector=_shares(listed, lambda row: sector_of(row.underlying, sectors)),
    )


def _of(rows: Iterable[Exposure], strategy: str | None) -> list[Exposure]:
    return [row for row in rows if strategy is None or row.strategy == strategy]


def _position(row: Exposure) -> _Position:
    return row.key, row.product, row.strategy


def _shares(rows: Iterable[Exposure], name_of: Callable[[Exposure], str]) -> dict[str, int]:
    shares: dict[str, int] = defaultdict(int)
    for row in rows:
        shares[name_of(row)] += abs(row.value_paise)
    return dict(shares)

"""Ready-made strategies as legs: the contracts that a shape means now."""

from datetime import date
from decimal import Decimal

from core.errors import InvalidInput, NotFound, Unprocessable
from trading.instruments.models import InstrumentType
from trading.instruments.selectors import instrument_get, instruments_listed
from trading.marketdata.domain.options.chain import OptionChain
from trading.marketdata.selectors.options import chain_latest, option_expiries
from trading.orders.domain.option_choice import Right, StrikeOffset, strike_chosen
from trading.orders.domain.shapes import SHAPES, ShapeLeg
from trading.orders.domain.strategy_leg import StrategyLeg


def shape_legs(name: str, *, underlying: str, exchange: str, expiry: date, lots: int = 1) -> list[StrategyLeg]:
    """The legs of a ready-made shape on the chain of an expiry, `lots` times.

    At the money is the listed strike nearest to the underlying's price (its forward's where it has none). Raises
    InvalidInput (`unknown_shape`), NotFound (`unknown_underlying`, `no_such_expiry`, `no_such_strike`) and
    Unprocessable (`no_underlying_price`).
    """
    shape = SHAPES.get(name)
    if shape is None:
        raise InvalidInput(
            f"There is no shape {name[:40]!r}.", code="unknown_shape", errors={"shape": [", ".join(SHAPES)]}
        )
    home = f"{exchange}:{underlying}"
    expiries = [each for each in option_expiries(home, since=expiry) if each >= expiry]
    chains: dict[int, OptionChain] = {}
    for later in sorted({leg.later for leg in shape.legs}):
        if later >= len(expiries):
            raise NotFound(f"{underlying} lists no expiry after {expiry:%d %b %Y}.", code="no_such_expiry")
        chains[later] = chain_latest(home, expiries[later])
    return [_leg(leg, chains, lots) for leg in shape.legs]


def _leg(leg: ShapeLeg, chains: dict[int, OptionChain], lots: int) -> StrategyLeg:
    if leg.right is None:
        return _underlying(leg, next(iter(chains.values())), lots)
    chain = chains[leg.later]
    # The later expiry's strike follows the first one's price, so that a calendar has one strike.
    strike = _strike(chain, chains[0], leg.offset, leg.right)
    row = next(each for each in chain.rows if each.strike == strike)
    found = row.call if leg.right is Right.CALL else row.put
    if found is None:
        raise NotFound(f"{strike.normalize():f} has no {leg.right}.", code="no_such_strike")
    return StrategyLeg(found.quote.key, leg.side, leg.lots * lots)


def _strike(chain: OptionChain, first: OptionChain, offset: StrikeOffset, right: Right) -> Decimal:
    spot = first.market.spot
    price = spot if spot is not None else None if first.forward is None else Decimal(str(first.forward))
    if price is None:
        raise Unprocessable(
            f"There is no fresh price of {chain.underlying} to count strikes from.", code="no_underlying_price"
        )
    ladder = [row.strike for row in chain.rows if (row.call if right is Right.CALL else row.put) is not None]
    strike = strike_chosen(offset, ladder, price=price, right=right)
    if strike is None:
        raise NotFound(
            f"The strikes of {chain.underlying} {chain.expiry:%d %b %Y} end before {offset}.", code="no_such_strike"
        )
    return strike


def _underlying(leg: ShapeLeg, chain: OptionChain, lots: int) -> StrategyLeg:
    """The share, in the units of the options; of an index its future that ends with the options, or next after."""
    if chain.market.spot_key and instrument_get(chain.market.spot_key).is_tradable:
        return StrategyLeg(chain.market.spot_key, leg.side, chain.lot_size * leg.lots * lots)
    futures = instruments_listed().filter(
        exchange=chain.exchange,
        underlying=chain.underlying,
        instrument_type=InstrumentType.FUTURE,
        expiry__gte=chain.expiry,
    )
    key: str | None = futures.order_by("expiry").values_list("key", flat=True).first()
    if key is None:
        raise NotFound(f"{chain.underlying} has no share and no future to hold.", code="no_such_expiry")
    return StrategyLeg(key, leg.side, leg.lots * lots)

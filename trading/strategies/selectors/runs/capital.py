"""What of a run's capital is in use, and what an order would take of it."""

from decimal import Decimal

from core import clock
from core.money import from_paise
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.portfolio.selectors import order_cost
from trading.strategies.domain.wish import OrderWish
from trading.strategies.models import StrategyRun
from trading.strategies.selectors.runs.book import held_of, working_of


def capital_used(run: StrategyRun) -> Decimal:
    """What the run's open positions cost (shares that were paid for) or block as margin, and what its orders in the
    market hold, in rupees."""
    used = 0
    for product, quantity, value, margin in held_of(run).values_list(
        "product", "quantity", "open_value_paise", "margin_paise"
    ):
        used += value if product == Product.DELIVERY and quantity > 0 else margin
    return from_paise(used + sum(working_of(run).values_list("hold_paise", flat=True)))


def capital_needed(
    run: StrategyRun, wish: OrderWish, instrument: Instrument, *, held: int, price: Decimal | None
) -> Decimal:
    """What an order pays or blocks of what it opens, in rupees; nothing without a price to value it at."""
    at = wish.price or wish.trigger_price or price
    if at is None:
        return Decimal(0)
    cost = order_cost(
        instrument=instrument,
        product=wish.product,
        side=Side(wish.side),
        quantity=wish.quantity,
        price=at,
        day=clock.trading_date(),
        position_quantity=held,
        plan=run.account.brokerage_plan,
    )
    return from_paise(cost.margin_paise)

"""What positions and working orders expose an account to, as the gates see it."""

from collections.abc import Sequence
from decimal import Decimal

from core.money import to_paise
from trading.brokers.domain.terms import Side
from trading.orders.domain.exposure import exposure_value
from trading.orders.domain.gate import Exposure
from trading.orders.selectors.orders import LiveOrder
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import MarkedPosition


def position_exposure(position: MarkedPosition) -> Exposure:
    """A position at its latest price, at its average price where none is known."""
    price = position.average_price if position.ltp is None else position.ltp
    return Exposure(
        key=position.symbol,
        underlying=position.underlying or position.name,
        instrument_type=position.instrument_type,
        product=position.product,
        strategy=position.strategy,
        quantity=position.quantity,
        value_paise=_paise(position.instrument_type, position.quantity, price, position.strike),
        day_pnl_paise=position.day_result_paise,
    )


def working_exposure(order: LiveOrder) -> Exposure:
    """What a live order has yet to trade, at the worst price it may trade at."""
    quantity = Side(order.side).sign * order.pending_quantity
    price = order.valued_at or Decimal(0)
    return Exposure(
        key=order.key,
        underlying=order.underlying or order.key.partition(":")[2],
        instrument_type=order.instrument_type,
        product=order.product,
        strategy=order.strategy,
        quantity=quantity,
        value_paise=_paise(order.instrument_type, quantity, price, order.strike),
    )


def equity_paise(account: TradingAccount, marked: Sequence[MarkedPosition]) -> int:
    """What the account would be worth if all were closed at the latest prices, in paise."""
    balance = account.balance
    cash = balance.available_paise + balance.blocked_paise + balance.margin_paise + balance.inventory_paise
    return cash + sum(position.unrealised_paise for position in marked)


def _paise(instrument_type: str, quantity: int, price: Decimal, strike: Decimal | None) -> int:
    return to_paise(exposure_value(instrument_type=instrument_type, quantity=quantity, price=price, strike=strike))

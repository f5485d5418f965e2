"""A scripted trader on a replayed day, and the proof that the day can have filled what he was told."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle

from core import clock
from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.instruments.models import Instrument
from trading.marketdata.feeds.runner import FeedRunner
from trading.marketdata.models import Candle
from trading.marketdata.selectors import quote_latest
from trading.orders.models import Fill, Order
from trading.orders.services import order_submit, orders_expire
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import Position
from trading.portfolio.services import ledger_verify

MINUTE = timedelta(minutes=1)


@dataclass
class ScriptedTrader:
    """Buys and sells in turn, by MARKET and by LIMIT orders that rest a little away from the last price."""

    desk: Desk
    instruments: Sequence[Instrument]
    answers: Counter[str] = field(default_factory=Counter)

    def trade(self, runner: FeedRunner, *, until: datetime, pause: float) -> None:
        """Send an order every `pause` seconds while the replayed market is open."""
        script = self._script()
        opened = False
        while runner.is_running and (clock.state() is None or clock.now() < until):
            time.sleep(pause)
            instrument, side, offset = next(script)
            quote = quote_latest(instrument.key)
            if quote is None:
                continue
            price = quote.ltp - side.sign * offset * instrument.tick_size if offset else None
            intent = self.desk.intent(
                side,
                5,
                key=instrument.key,
                price=price,
                order_type=OrderType.LIMIT if price else OrderType.MARKET,
                product=Product.INTRADAY,
                validity=Validity.DAY,
            )
            with tenant_scope(self.desk.organisation.id):
                order = order_submit(actor=self.desk.trader, intent=intent)
            opened = opened or order.status != "REJECTED"
            self.answers[order.status_code or order.status] += 1
        assert opened, self.answers

    def _script(self) -> Iterator[tuple[Instrument, Side, int]]:
        for number, instrument in enumerate(cycle(self.instruments)):
            turn = number // len(self.instruments)
            yield instrument, (Side.BUY, Side.SELL)[turn % 2], (0, 4, 10)[turn % 3]


@dataclass(frozen=True)
class ReplayFigures:
    orders: int
    fills: int
    fills_of_resting_orders: int
    instruments: int


def assert_day_could_have_filled(desk: Desk) -> ReplayFigures:
    """Every fill lies within the candle of its minute, the books balance, and nothing is left in the market."""
    with system_scope():
        candles = {(candle.instrument_id, candle.start): candle for candle in Candle.objects.all()}
        fills = list(Fill.objects.filter(account=desk.account).select_related("order", "instrument"))
        for fill in fills:
            minute = datetime.fromtimestamp(fill.traded_at.timestamp() // 60 * 60, UTC)
            candle = candles[fill.instrument_id, minute]
            told = (
                f"{fill} of {fill.instrument.key} at {fill.traded_at}, which traded {candle.low} to {candle.high}"
            )
            assert candle.low <= fill.price <= candle.high, told
            assert minute <= fill.traded_at < minute + MINUTE, told
            limit = fill.order.worst_price
            assert limit is not None
            assert (limit - fill.price) * Side(fill.side).sign >= 0, told
        orders_expire(clock.ist_day_span(clock.trading_date(fills[0].traded_at))[1])
        orders = Order.objects.filter(account=desk.account)
        assert set(orders.values_list("status", flat=True)) <= {"FILLED", "EXPIRED", "REJECTED"}
        assert ledger_verify() == []
        assert orders_verify() == []
        assert Position.objects.filter(account=desk.account).exists()
        resting = [fill for fill in fills if fill.traded_at > fill.order.created_at]
        return ReplayFigures(orders.count(), len(fills), len(resting), len({fill.instrument_id for fill in fills}))

"""Hearing of a run's orders: each trade is told once, each order's state as it stands, whatever bells were lost."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from core import clock
from trading.orders.models import Fill, Order
from trading.portfolio.models import Position
from trading.strategies.domain.host import StrategyHost
from trading.strategies.domain.market import Fill as ToldFill
from trading.strategies.domain.market import OrderView
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.models import RunFill, Signal, StrategyRun
from trading.strategies.selectors.runs.news import (
    fill_view,
    live_orders_of,
    news_of,
    oldest_open,
    order_view,
    signal_view,
    unsettled_signals,
)

# A trade that a broker reports late belongs to an order of the day before at the most.
_LATE_TRADES = timedelta(days=1)


class Ear:
    """What was told since the last save is in `fills` and `orders`, for the turn to write."""

    def __init__(self, run: StrategyRun) -> None:
        self._run = run
        self.fills: list[UUID] = []
        self.orders: dict[UUID, int] = {}
        self.fill_ids: dict[int, UUID] = {}
        self._told_views: list[ToldFill] = []
        self._names: dict[UUID, str] = {}
        self._told_seqs: dict[UUID, int] = {}
        self._waiting: set[UUID] = set()
        self.widen()

    def attach(self, host: StrategyHost) -> None:
        self._host = host

    def widen(self) -> None:
        """Decide anew how far back orders are looked at: those that may still change."""
        oldest, now = oldest_open(self._run), clock.now()
        self._since: datetime = min(oldest or now, now) - _LATE_TRADES

    def take_up(self) -> None:
        """Let the host know what is in the market, and what waits for an answer."""
        live = live_orders_of(self._run)
        self._name(live)
        for order in live:
            self._host.order_changed(self._view(order))
        for signal in unsettled_signals(self._run):
            if signal.state == SignalState.WAITING:
                self.await_answer(signal)
                self._host.order_changed(signal_view(signal))

    def await_answer(self, signal: Signal) -> None:
        """A signal waits for a person: look at it until it is settled."""
        self._waiting.add(signal.id)

    def traded(self, order: Order, signal_id: UUID | None = None) -> None:
        """An order of the run was just sent or changed by the run itself: tell what it has traded at once."""
        if signal_id is not None:
            self._names[order.id] = str(signal_id)
        if order.id not in self._names:
            self._name([order])
        if order.filled_quantity:
            known = RunFill.objects.filter(run_id=self._run.id, fill__order_id=order.id).values("fill_id")
            new = Fill.objects.filter(order_id=order.id).exclude(id__in=known).order_by("traded_at", "id")
            self._tell_fills(order, new)
        self._heard(order)

    def hear(self) -> bool:
        """Tell the host what is new; whether there was anything."""
        found = [
            news
            for news in news_of(self._run, since=self._since)
            if self._told_seqs.get(news.order.id) != news.order.event_seq
        ]
        self._name([news.order for news in found])
        for news in found:
            self._tell_fills(news.order, news.fills)
            self._heard(news.order)
            self._host.order_changed(self._view(news.order))
        return self._hear_answers() or bool(found)

    def settled(self, signal: Signal) -> None:
        """A signal came to an end without an order."""
        self._waiting.discard(signal.id)
        self._host.order_changed(signal_view(signal))

    def compare(self) -> None:
        """Take over what something other than trades did to positions: expiries, splits, dividends, fees.

        Only while nothing is left to be heard, because a trade moves the row before it is told here.
        """
        held: dict[str, list[int]] = {}
        rows = Position.objects.filter(account_id=self._run.account_id, strategy=self._run.name)
        for symbol, *figures in rows.values_list(
            "instrument__key", "quantity", "open_value_paise", "realised_pnl_paise", "charges_paise"
        ):
            held[symbol] = [sum(pair) for pair in zip(held.get(symbol, [0, 0, 0, 0]), figures, strict=True)]
        if self.hear():
            return
        for symbol, (quantity, value, realised, charges) in held.items():
            state = self._host.holdings.states.get(symbol)
            if state is None or (state.quantity, state.realised_pnl_paise, state.charges_paise) == (
                quantity,
                realised,
                charges,
            ):
                continue
            self._host.position_moved(
                symbol,
                quantity=quantity - state.quantity,
                value_paise=value - state.open_value_paise,
                realised_paise=realised - state.realised_pnl_paise,
                charges_paise=charges - state.charges_paise,
            )

    def saved(self) -> None:
        """What was told is written."""
        self.fills, self.orders = [], {}
        self.fill_ids.clear()
        self._told_views.clear()

    def _hear_answers(self) -> bool:
        if not self._waiting:
            return False
        answered = Signal.objects.filter(id__in=self._waiting).exclude(
            state__in=[SignalState.WAITING, SignalState.READY]
        )
        found = list(answered.select_related("run", "instrument", "order"))
        for signal in found:
            self._waiting.discard(signal.id)
            # One with an order is heard of by its order.
            if signal.order is None:
                self._host.order_changed(signal_view(signal))
        return bool(found)

    def _tell_fills(self, order: Order, fills: Iterable[Fill]) -> None:
        for fill in fills:
            if fill.id in self.fills:
                continue
            told = fill_view(fill, self._names[order.id], order.instrument.key, order.tag)
            self.fills.append(fill.id)
            self._told_views.append(told)
            self.fill_ids[id(told)] = fill.id
            self._host.fill(told)

    def _heard(self, order: Order) -> None:
        self.orders[order.id] = self._told_seqs[order.id] = order.event_seq

    def _name(self, orders: Iterable[Order]) -> None:
        """An order goes by its signal's name, one without a signal (an exit, a close by hand) by its own."""
        unknown = [order.id for order in orders if order.id not in self._names]
        if not unknown:
            return
        of_signals = Signal.objects.filter(run_id=self._run.id, order_id__in=unknown)
        named = dict(of_signals.values_list("order_id", "id"))
        self._names |= {order_id: str(named.get(order_id, order_id)) for order_id in unknown}

    def _view(self, order: Order) -> OrderView:
        return order_view(order, self._names[order.id], order.instrument.key)

"""The desk of a paper or live run: what its strategy wants goes through the order services, and no other way."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.domain.actor import system_actor
from core import clock
from core.errors import Conflict, InvalidInput, RetryLater, SaudaError
from core.money import from_paise
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.modification import OrderModification
from trading.orders.models import Order
from trading.orders.services import order_cancel, order_modify
from trading.portfolio.selectors import account_get, funds
from trading.strategies.domain.market import Contract, Expiry, OrderView
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.domain.runs.wanted import Wanted, WantedKeys
from trading.strategies.domain.wish import BracketWish, OrderWish
from trading.strategies.models import Signal, StrategyRun
from trading.strategies.selectors.runs.capital import capital_used
from trading.strategies.selectors.runs.news import order_view, signal_view
from trading.strategies.services.runs.judging import Profit
from trading.strategies.services.runs.lease import Lease
from trading.strategies.services.runs.moves import HOUSE
from trading.strategies.services.runs.rows import run_lock, trading_actor
from trading.strategies.services.runs.sending import signals_send
from trading.strategies.services.runs.signals import signal_withdraw, signals_record

from .contracts import Listing, contract_of


class RunDesk:
    """See `Desk`. `traded` is called with an order (and its signal) as soon as it has been sent, so that what
    filled at once is told at once, `waits` with a signal that awaits an answer; `profit` says what the run makes.
    """

    def __init__(
        self,
        run: StrategyRun,
        lease: Lease,
        *,
        traded: Callable[[Order, UUID | None], None],
        waits: Callable[[Signal], None],
        profit: Callable[[], Profit],
    ) -> None:
        self._run, self._lease = run, lease
        self._traded, self._waits, self._profit = traded, waits, profit
        self.followed: set[str] = set()
        self._house = system_actor(run.organisation_id, HOUSE)
        self._listing = Listing()
        self._contracts: dict[str, Contract] = {}
        self.keys = WantedKeys()
        self.quotes: dict[str, Quote] = {}

    def now(self) -> datetime:
        return clock.now()

    def submit(self, wish: OrderWish) -> OrderView:
        return self._place([self._wanted(wish)])[0]

    def submit_all(self, wishes: Sequence[OrderWish]) -> Sequence[OrderView]:
        return self._place([self._wanted(wish) for wish in wishes]) if wishes else []

    def submit_bracket(self, wish: BracketWish) -> OrderView:
        wanted = self._wanted(wish.entry)
        guarded = replace(wanted, is_bracket=True, stop=wish.stop, target=wish.target, trail=wish.trail)
        return self._place([guarded])[0]

    def modify(
        self, order_id: str, *, quantity: int | None, price: Decimal | None, trigger_price: Decimal | None
    ) -> OrderView:
        signal = self._signal(order_id)
        order = self._order(order_id, signal)
        if order is None:
            assert signal is not None, "an order is a signal's or has a row"
            return replace(signal_view(signal), reason_code="signal_waiting", reason="It waits for an answer.")
        view = order_view(order, order_id, order.instrument.key)
        grows = quantity is not None and quantity > order.quantity
        if grows and self._run.mode == Mode.APPROVE:
            return replace(view, reason_code="needs_approval", reason="More than was approved.")
        change = OrderModification(quantity=quantity, price=price, trigger_price=trigger_price)
        try:
            with transaction.atomic():
                run = run_lock(self._run.id, epoch=self._lease.epoch)
                actor = trading_actor(run)
                if run.state != RunState.RUNNING or actor is None:
                    return replace(view, reason_code="run_paused", reason="The run sends nothing.")
                order = order_modify(actor=actor, order_id=order.id, modification=change)
        except RetryLater:
            raise
        except SaudaError as error:
            return replace(view, reason_code=error.code, reason=error.detail)
        self._traded(order, None)
        return order_view(order, order_id, order.instrument.key)

    def cancel(self, order_id: str) -> OrderView:
        signal = self._signal(order_id)
        order = self._order(order_id, signal)
        if order is None:
            assert signal is not None, "an order is a signal's or has a row"
            taken = signal_withdraw(signal_id=signal.id, run_id=self._run.id, epoch=self._lease.epoch)
            if taken.order is None:
                return signal_view(taken)
            order = taken.order
        try:
            order = order_cancel(actor=self._house, order_id=order.id)
        except Conflict:
            order.refresh_from_db()
        self._traded(order, None)
        return order_view(order, order_id, order.instrument.key)

    def available(self) -> Decimal:
        """The least of what the account has and what is left of the run's capital."""
        account = account_get(self._house, self._run.account_id)
        of_account = from_paise(funds(account).available_paise)
        left = self._run.capital + self._profit().net - capital_used(self._run)
        return max(min(of_account, left), Decimal(0))

    def quote(self, symbol: str) -> Quote | None:
        quote = self.quotes.get(symbol) or quote_latest(symbol)
        if quote is None or quote.is_stale(clock.wall_now(), settings.QUOTE_STALE_AFTER):
            return None
        return quote

    def last_price(self, symbol: str) -> Decimal | None:
        quote = self.quote(symbol)
        return None if quote is None else quote.ltp

    def contract(self, symbol: str) -> Contract:
        if symbol not in self._contracts:
            self._contracts[symbol] = contract_of(instrument_get(symbol))
        return self._contracts[symbol]

    def options(self, underlying: str, on: date) -> Sequence[Expiry]:
        return self._listing.options(underlying, on)

    def futures(self, underlying: str, on: date) -> Sequence[Contract]:
        return self._listing.futures(underlying, on)

    def option(self, underlying: str, expiry: date, strike: Decimal, right: str) -> Contract | None:
        return self._listing.option(underlying, expiry, strike, right)

    def follow(self, symbol: str) -> None:
        self.contract(symbol)
        self.followed.add(symbol)

    def resume(self, signals: Sequence[Signal]) -> list[OrderView]:
        """Send what was to be sent when the process before this one died."""
        sent = signals_send(run_id=self._run.id, batch=signals, epoch=self._lease.epoch)
        return [self._told(signal) for signal in sent]

    def _wanted(self, wish: OrderWish) -> Wanted:
        quote = self.quote(wish.symbol)
        return Wanted(self.keys.key(wish), wish, None if quote is None else quote.ltp)

    def _place(self, wanted: Sequence[Wanted]) -> list[OrderView]:
        faulty = [each for each in wanted if each.wish.quantity <= 0]
        if faulty:
            raise InvalidInput("An order is for at least one unit.", code="invalid_quantity")
        signals = signals_record(run_id=self._run.id, epoch=self._lease.epoch, wanted=wanted, profit=self._profit())
        if any(signal.state == SignalState.READY for signal in signals):
            signals = signals_send(run_id=self._run.id, batch=signals, epoch=self._lease.epoch)
        return [self._told(signal) for signal in signals]

    def _told(self, signal: Signal) -> OrderView:
        if signal.order is not None:
            self._traded(signal.order, signal.id)
        elif signal.state == SignalState.WAITING:
            self._waits(signal)
        return signal_view(signal)

    def _signal(self, order_id: str) -> Signal | None:
        found: Signal | None = (
            Signal.objects.filter(run_id=self._run.id, id=order_id)
            .select_related("run", "instrument", "order")
            .first()
        )
        return found

    def _order(self, order_id: str, signal: Signal | None) -> Order | None:
        wanted = order_id if signal is None else signal.order_id
        if wanted is None:
            return None
        order: Order = Order.objects.select_related("instrument").get(
            id=wanted, account_id=self._run.account_id, strategy=self._run.name
        )
        return order

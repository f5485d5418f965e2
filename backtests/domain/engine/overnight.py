"""What happens between sessions: orders of the day expire, contracts end, companies change their shares."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from core.money import to_paise
from trading.brokers.domain.terms import Product, Side
from trading.marketdata.domain.bars import unscale_price
from trading.orders.domain.states import FINAL
from trading.portfolio.domain.expiry import Settlement, settle, shares_due
from trading.portfolio.domain.position import PositionState
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind, adjusted_quantity

from .account import Account, PositionKey
from .carrying import Carrying
from .clock import Clock
from .data import CorporateAction, Listing, MarketData
from .demat import Demat
from .exchange import Exchange
from .floor import Floor
from .result import EventRow
from .spec import BacktestSpec
from .square_off import Moved


class Overnight:
    """Posts to positions what no order of anybody did."""

    def __init__(
        self,
        spec: BacktestSpec,
        data: MarketData,
        clock: Clock,
        floor: Floor,
        account: Account,
        exchange: Exchange,
        demat: Demat,
        moved: Moved,
        follow: Callable[[str], None],
    ) -> None:
        self._data, self._clock, self._floor = data, clock, floor
        self._account, self._exchange, self._demat = account, exchange, demat
        self._moved, self._follow = moved, follow
        self._carrying = Carrying(spec, data, clock, floor, account, demat, self._post)
        self._done_until: date | None = None
        self._at = 0.0
        self._unsettled: set[str] = set()
        self.notes: list[str] = []

    def morning(self) -> None:
        """Before the session: what companies have done since the last one, for what was held when it began."""
        self._at = self._clock.now
        # What rests was asked for in old shares.
        for order in list(self._exchange.book.live.values()):
            if any(action.ratio is not None for action in self._actions(order.symbol)):
                self._exchange.withdraw(order, "corporate_action")
        for symbol in dict.fromkeys(key[0] for key, _ in self._account.open_positions()):
            for action in self._actions(symbol):
                self._apply(symbol, action)
        self._done_until = self._clock.day
        for symbol in dict.fromkeys(key[0] for key, _ in self._account.open_positions()):
            if self._floor.market(symbol).listing.underlying:
                self._exchange.reblock(self._floor.market(symbol))

    def evening(self) -> None:
        """After the session: the day's orders expire, contracts whose last day it was are settled, and what is
        carried on is marked and charged."""
        # It belongs to the day that it ends: before the instant at which the day is valued.
        self._at = min(self._clock.now, self._floor.last_bar_ends()) - 0.5
        for order in list(self._exchange.book.live.values()):
            if order.valid_on <= self._clock.day and order.status not in FINAL:
                self._exchange.expire(order)
            elif self._ends(order.symbol):
                self._exchange.withdraw(order, "contract_expired")
        for key, state in self._account.open_positions():
            if key[1] is Product.INTRADAY:
                day = f"{self._clock.day:%d %b %Y}"
                self.notes.append(f"{state.quantity} {key[0]} of {key[2]} could not be squared off on {day}.")
        ending = [(key, state) for key, state in self._account.open_positions() if self._ends(key[0])]
        receiving = [each for each in ending if self._receives(*each)]
        for key, _ in [*receiving, *(each for each in ending if each not in receiving)]:
            self._settle(key)
        self._carrying.end_day()
        for key, _ in self._account.open_positions():
            # Nobody may have looked at the day's last snapshot, and the morning's margins are by it.
            listing = self._floor.market(key[0]).listing
            for symbol in (key[0], listing.underlying):
                if symbol in self._floor.markets:
                    self._floor.market(symbol).latest()

    def _actions(self, symbol: str) -> Sequence[CorporateAction]:
        """Of today, and of days since the last session on which nobody traded."""
        day = self._clock.day
        since = day if self._done_until is None else self._done_until + timedelta(days=1)
        return self._data.actions(symbol, since, day)

    def _apply(self, symbol: str, action: CorporateAction) -> None:
        for key, state in self._account.open_positions():
            if key[0] != symbol or (action.amount is not None and key[1] is not Product.DELIVERY):
                continue
            if action.amount is not None:
                value = to_paise(action.amount * max(state.quantity, 0))
                facts = EventFacts(kind=action.kind, day=self._clock.day, price=action.amount, value_paise=value)
                self._post(key, facts, f"Dividend of {action.amount} a share")
            elif action.ratio is not None:
                facts = self._adjustment(key, state, action.kind, action.ratio)
                words = f"{action.kind.value.lower()}, {action.ratio.denominator} into {action.ratio.numerator}"
                self._post(key, facts, words)

    def _adjustment(
        self, key: PositionKey, state: PositionState, kind: PositionEventKind, ratio: Fraction
    ) -> EventFacts:
        """New units, and cash for the fraction of one at the last price before, in the new shares."""
        quantity, fraction = adjusted_quantity(state.quantity, ratio)
        last = self._floor.market(key[0]).previous_close
        before = state.average_price if last is None else unscale_price(last)
        price = before * ratio.denominator / ratio.numerator
        return EventFacts(
            kind=kind,
            day=self._clock.day,
            quantity_change=quantity - state.quantity,
            price=price if fraction else None,
            value_paise=to_paise(price * fraction.numerator / fraction.denominator),
            ratio=ratio,
        )

    def _ends(self, symbol: str) -> bool:
        expiry = self._floor.market(symbol).listing.contract.expiry
        return expiry is not None and expiry <= self._clock.day

    def _receives(self, key: PositionKey, state: PositionState) -> bool:
        """Whether its holder gets shares: those go first, so that one contract's delivery can be another's."""
        listing = self._floor.market(key[0]).listing
        contract = listing.contract
        price = self._settlement_price(listing)
        if price is None or not self._is_physical(listing):
            return False
        due = shares_due(
            right=listing.instrument_type, quantity=state.quantity, strike=contract.strike, underlying=price
        )
        return due > 0

    def _settlement_price(self, listing: Listing) -> Decimal | None:
        """Of the underlying on the contract's last day, even when it comes late."""
        return self._data.settlement_price(listing.underlying, listing.contract.expiry or self._clock.day)

    def _is_physical(self, listing: Listing) -> bool:
        return self._data.listing(listing.underlying).instrument_type != "INDEX"

    def _settle(self, key: PositionKey) -> None:
        listing = self._floor.market(key[0]).listing
        state = self._account.state(key)
        price = self._settlement_price(listing)
        if price is None:
            if key[0] not in self._unsettled:
                self._unsettled.add(key[0])
                day = f"{listing.contract.expiry:%d %b %Y}"
                self.notes.append(f"{key[0]} expired on {day} without a settlement price; left open.")
            return
        physical = self._is_physical(listing)
        stock = (listing.underlying, Product.DELIVERY, key[2])
        parts = settle(
            right=listing.instrument_type,
            quantity=state.quantity,
            strike=listing.contract.strike,
            underlying=price,
            physical=physical,
            deliverable=max(self._account.state(stock).quantity, 0),
        )
        for part in parts:
            self._close(key, listing, part)
            if part.delivered:
                self._deliver(stock, part)

    def _close(self, key: PositionKey, listing: Listing, part: Settlement) -> None:
        charges = 0
        rates = self._floor.tariff(*key[:2]).rates
        if part.exercise_value and rates is not None:
            charges = to_paise(part.exercise_value * rates.stt_exercise)
        facts = EventFacts(
            kind=part.kind,
            day=self._clock.day,
            quantity_change=-part.quantity,
            price=part.price,
            value_paise=to_paise(part.price * abs(part.quantity)),
            charges_paise=charges,
        )
        self._post(key, facts, f"{part.kind.value.lower()} at {part.price}")

    def _deliver(self, stock: PositionKey, part: Settlement) -> None:
        """Shares in or out at the delivery price, with the levies of a delivery trade."""
        self._follow(stock[0])
        side = Side.BUY if part.delivered > 0 else Side.SELL
        units = abs(part.delivered)
        levies = self._floor.tariff(stock[0], stock[1]).charges(side, units, part.delivery_price)
        facts = EventFacts(
            kind=PositionEventKind.DELIVERY,
            day=self._clock.day,
            quantity_change=part.delivered,
            price=part.delivery_price,
            value_paise=to_paise(part.delivery_price * units),
            charges_paise=to_paise(levies.stt) + to_paise(levies.stamp),
        )
        self._post(stock, facts, f"delivered at {part.delivery_price}")

    def _post(self, key: PositionKey, facts: EventFacts, text: str) -> None:
        before = self._account.state(key)
        market = self._floor.market(key[0])
        change = self._account.event(key, facts, market.listing, self._at)
        self._demat.follow(key, facts, before.quantity)
        if market.listing.underlying:
            self._exchange.reblock(market)
        row = EventRow(
            kind=facts.kind.value,
            strategy=key[2],
            symbol=key[0],
            at=self._clock.at,
            quantity_change=change.after.quantity - before.quantity,
            value_paise=facts.value_paise,
            charges_paise=facts.charges_paise,
            realised_paise=change.realised_pnl_paise,
            text=text,
            product=key[1],
            ratio=facts.ratio,
        )
        self._moved(row, change.after.open_value_paise - before.open_value_paise)

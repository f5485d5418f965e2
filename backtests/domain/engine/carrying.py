"""What the end of a day does to positions that are carried past it: futures are settled, what is lent costs
interest, and the depository charges for shares that have left. As `portfolio.services` do it for accounts."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from core.clock import IST
from core.money import format_inr, from_paise, to_paise
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.settlement import settlement_of
from trading.portfolio.domain.deliveries import DeliveryTally
from trading.portfolio.domain.expiry import FUTURE
from trading.portfolio.domain.holding_costs import debited_units, funded_paise, interest_paise
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind

from .account import Account, PositionKey
from .clock import Clock
from .data import MarketData
from .demat import Demat
from .floor import Floor
from .spec import BacktestSpec, Charging

Post = Callable[[PositionKey, EventFacts, str], None]


class Carrying:
    """Works through the positions of a day that is over; `post` takes each event."""

    def __init__(
        self,
        spec: BacktestSpec,
        data: MarketData,
        clock: Clock,
        floor: Floor,
        account: Account,
        demat: Demat,
        post: Post,
    ) -> None:
        self._spec, self._data, self._clock, self._floor = spec, data, clock, floor
        self._account, self._demat, self._post = account, demat, post

    def end_day(self) -> None:
        """In the house's order."""
        self._settle_futures()
        if self._spec.charging is Charging.RATES:
            self._charge_interest()
            self._charge_depository()

    def _settle_futures(self) -> None:
        """Pay each open future's difference to the settlement price; without one the next day's covers it."""
        day = self._clock.day
        prices: dict[str, Decimal | None] = {}
        for key, state in self._account.open_positions():
            symbol = key[0]
            listing = self._floor.market(symbol).listing
            if listing.instrument_type != FUTURE or (listing.contract.expiry or date.max) <= day:
                continue
            if symbol not in prices:
                prices[symbol] = self._settles_at(symbol)
            price = prices[symbol]
            if price is not None:
                value = to_paise(price * abs(state.quantity))
                facts = EventFacts(kind=PositionEventKind.M2M, day=day, price=price, value_paise=value)
                self._post(key, facts, f"Settled at {price}")

    def _settles_at(self, symbol: str) -> Decimal | None:
        """The stored price; else from the day's bars; else the day's last one."""
        stored = self._data.settlement_price(symbol, self._clock.day)
        if stored is not None:
            return stored
        market = self._floor.market(symbol)
        if market.day is not None and market.day.on == self._clock.day:
            derived = settlement_of(market.day.bars)
            if derived is not None:
                return derived
        quote = market.latest()
        is_todays = quote is not None and quote.timestamp.astimezone(IST).date() == self._clock.day
        return quote.ltp if quote is not None and is_todays else None

    def _charge_interest(self) -> None:
        """On what MTF positions have borrowed for shares that have arrived, up to the next trading day."""
        lent = [
            (key, state)
            for key, state in self._account.open_positions()
            if key[1] is Product.MTF and state.quantity > 0
        ]
        if not lent:
            return
        day = self._clock.day
        rate, days = self._data.rules.financing_rate(self._spec.plan, day), self._data.rules.settlement(day).days
        for key, state in lent:
            funded = funded_paise(state, self._demat.coming_after_today(key, state.quantity))
            interest = interest_paise(rate, days=days, funded=funded)
            if interest:
                facts = EventFacts(kind=PositionEventKind.INTEREST, day=day, charges_paise=interest)
                self._post(key, facts, f"Interest on {format_inr(from_paise(funded))} borrowed, {days} day(s)")

    def _charge_depository(self) -> None:
        """Once for each share, on the position that sold the most of it."""
        shares: dict[str, list[tuple[PositionKey, DeliveryTally]]] = {}
        for key, tally in self._demat.sold_today():
            listing = self._floor.market(key[0]).listing
            shares.setdefault(listing.isin or listing.symbol, []).append((key, tally))
        if not shares:
            return
        day = self._clock.day
        fee = self._data.rules.depository_fee(self._spec.plan, day)
        if fee is None:
            return
        for sold in shares.values():
            units = debited_units(fee, [tally for _, tally in sold])
            rates = self._floor.tariff(sold[0][0][0], Product.DELIVERY).rates
            if not units or rates is None:
                continue
            key, _ = max(sold, key=lambda each: each[1].sold)
            facts = EventFacts(
                kind=PositionEventKind.DP_CHARGE, day=day, charges_paise=fee.charge_paise(rates.gst_rate)
            )
            self._post(key, facts, f"Depository charge for {units} sold")

"""What the kernel must come to, in plain Python: Decimal rupees, step by step, the house's own charges."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from backtests.domain.kernel import Distance, Market, Reason, Sides, Terms
from core.clock import IST
from trading.brokers.domain.terms import Side, Validity
from trading.marketdata.domain.bars import unscale_price
from trading.marketdata.domain.minute_ticks import MinuteBar, book_at, price_path
from trading.orders.domain.matching import match_depth, protection_price
from trading.orders.domain.slippage import SlippageModel, slipped
from trading.portfolio.domain.charges import charges
from trading.portfolio.domain.trade import Segment, Trade

TEN_THOUSANDTH = Decimal("0.0001")


@dataclass
class Guards:
    """The exits of one position, in rupees."""

    side: int
    stop: Decimal | None
    target: Decimal | None
    trail: Decimal | None
    best: Decimal
    trailed: Decimal | None = None

    def worst(self) -> Decimal | None:
        levels = [each for each in (self.stop, self.trailed) if each is not None]
        return (max(levels) if self.side > 0 else min(levels)) if levels else None

    def follow(self, price: Decimal) -> None:
        if self.trail is not None and (price - self.best) * self.side > 0:
            self.best = price
            self.trailed = price - self.trail * self.side

    def stopped_as(self) -> Reason:
        if self.stop is None or (self.trailed is not None and (self.trailed - self.stop) * self.side > 0):
            return Reason.TRAIL
        return Reason.STOP


@dataclass
class Reference:
    """Trades one market; `fills` are (bar, quantity, price, charges in rupees, reason)."""

    market: Market
    terms: Terms
    position: int = 0
    fills: list[tuple[int, int, Decimal, Decimal, Reason]] = field(default_factory=list)
    equity: list[Decimal] = field(default_factory=list)
    barred: int = 0
    guards: Guards | None = None
    ruined: bool = False
    outsized: int = 0

    def __post_init__(self) -> None:
        bars = self.market.bars
        self.cash = self.terms.capital
        self.tick = unscale_price(self.market.tick)
        self.open, self.high, self.low, self.close = (
            [unscale_price(int(each)) for each in column] for column in (bars.open, bars.high, bars.low, bars.close)
        )

    def run(self, signals: list[int]) -> "Reference":
        for bar in range(len(self.market)):
            self._first_snapshot(bar, signals)
            if self.position:
                self._within(bar)
            if self.position and self._squares_off() and self._is_last(bar):
                self._deal(bar, -self.position, self._slipped(self.close[bar], -self.position), Reason.SESSION_END)
            worth = self.cash + self.position * self.close[bar]
            self.ruined = self.ruined or worth <= 0
            self.equity.append(worth)
        return self

    def _first_snapshot(self, bar: int, signals: list[int]) -> None:
        price = self.open[bar]
        if self.position and self.guards is not None:
            self._hit_at(bar, price)
        if self.ruined:
            self._move_to(bar, 0, Reason.RUIN)
            return
        if self._is_closed(bar):
            asks_flat = bar > 0 and not self._is_first(bar) and self._asked(bar, signals) == 0
            self._move_to(bar, 0, Reason.SIGNAL if asks_flat else Reason.SQUARE_OFF)
            return
        if bar == 0 or (self._squares_off() and self._is_first(bar)):
            return
        side = self._asked(bar, signals)
        if side != 0 and side == self.barred:
            return
        self.barred = 0
        held = (self.position > 0) - (self.position < 0)
        if side != held:
            self._move_to(bar, side * self._size(price), Reason.SIGNAL)

    def _asked(self, bar: int, signals: list[int]) -> int:
        """What the close before a bar wants, of the sides that are allowed."""
        side = signals[bar - 1]
        if (self.terms.sides is Sides.LONG and side < 0) or (self.terms.sides is Sides.SHORT and side > 0):
            return 0
        return side

    def _size(self, price: Decimal) -> int:
        lot = self.market.lot
        if self.terms.sizing.units:
            return self.terms.sizing.units
        equity = self.cash + self.position * price
        return max(int(equity * self.terms.sizing.share / price), 0) // lot * lot

    def _move_to(self, bar: int, wanted: int, reason: Reason) -> None:
        if wanted == self.position:
            return
        quantity = wanted - self.position
        if self.terms.walks_depth and not (self.terms.stop or self.terms.target or self.terms.trail):
            self._walk(bar, quantity, reason)
        else:
            self._deal(bar, quantity, self._taken(bar, quantity), reason)
            self._pay_for(reason)
        if self.position and (self.terms.stop or self.terms.target or self.terms.trail):
            self.guards = self._guards(self.fills[-1][2])

    def _guards(self, entry: Decimal) -> Guards:
        side = 1 if self.position > 0 else -1

        def away(distance: Distance | None) -> Decimal | None:
            if distance is None:
                return None
            exact = distance.rupees or entry * distance.percent / 100
            return max((exact / self.tick).quantize(Decimal(1), ROUND_HALF_UP), Decimal(1)) * self.tick

        stop, target, trail = away(self.terms.stop), away(self.terms.target), away(self.terms.trail)
        return Guards(
            side=side,
            stop=None if stop is None else entry - side * stop,
            target=None if target is None else entry + side * target,
            trail=trail,
            best=entry,
            trailed=None if trail is None else entry - side * trail,
        )

    def _within(self, bar: int) -> None:
        opening, close = self.open[bar], self.close[bar]
        extremes = [self.low[bar], self.high[bar]] if close >= opening else [self.high[bar], self.low[bar]]
        if self.guards is not None:
            self._hit_at(bar, opening)
        for price in [*extremes, close]:
            if self.guards is not None:
                self._run_to(bar, price)

    def _hit_at(self, bar: int, price: Decimal) -> None:
        guards = self.guards
        assert guards is not None
        worst, taken = guards.worst(), self._taken(bar, -self.position)
        if worst is not None and (price - worst) * guards.side <= 0:
            self._exit(bar, taken, guards.stopped_as())
        elif guards.target is not None and (price - guards.target) * guards.side >= 0:
            better = max if guards.side > 0 else min
            self._exit(bar, better(guards.target, taken), Reason.TARGET)
        else:
            guards.follow(price)

    def _run_to(self, bar: int, price: Decimal) -> None:
        guards = self.guards
        assert guards is not None
        worst = guards.worst()
        if worst is not None and (price - worst) * guards.side <= 0:
            self._exit(bar, self._slipped(worst, -self.position), guards.stopped_as())
        elif guards.target is not None and (price - guards.target) * guards.side >= 0:
            self._exit(bar, guards.target, Reason.TARGET)
        else:
            guards.follow(price)

    def _exit(self, bar: int, price: Decimal, reason: Reason) -> None:
        self.barred = 1 if self.position > 0 else -1
        self._deal(bar, -self.position, price, reason)

    def _walk(self, bar: int, quantity: int, reason: Reason) -> None:
        """Against the house's own replay of the first minute, by its own rule of matching."""
        side = Side.BUY if quantity > 0 else Side.SELL
        left, before, paid = abs(quantity), Decimal(0), self._taken(bar, quantity)
        piece, worst = self._piece(bar), self._worst(side, self.open[bar])
        # A square-off takes over from the strategy's order at once, and from its own after half a minute.
        anew = {3} | ({1} if reason is Reason.SIGNAL else set()) if self._is_closed(bar) else set()
        prices = [unscale_price(each) for each in price_path(piece, 4)]
        for step, price in enumerate(prices):
            if step in anew:
                before, worst = Decimal(0), self._worst(side, prices[step - 1])
            bids, asks = book_at(piece, int(price * 10_000), step)
            found = match_depth(
                side=side,
                quantity=left,
                worst_price=worst,
                validity=Validity.DAY,
                opposite=asks if side is Side.BUY else bids,
            )
            for match in found.matches:
                paid = self._slipped_within(match.price, side, worst)
                self._deal(bar, side.sign * match.quantity, paid, reason, before)
                before += match.quantity * paid
            left = found.remainder
            if step == 0 and found.matches:
                self._pay_for(reason)
            if not left:
                return
        self.outsized += 1
        self._deal(bar, side.sign * left, paid, reason, before)

    def _piece(self, bar: int) -> MinuteBar:
        bars, market = self.market.bars, self.market
        return MinuteBar(
            key="",
            start=int(bars.start[bar]),
            open=int(bars.open[bar]),
            high=int(bars.high[bar]),
            low=int(bars.low[bar]),
            close=int(bars.close[bar]),
            volume=int(bars.volume[bar]),
            oi=0,
            volume_before=0,
            tick=market.tick,
            lot=market.lot,
            has_book=True,
        )

    def _worst(self, side: Side, price: Decimal) -> Decimal:
        percent = self.terms.protection
        return protection_price(side=side, reference=price, percent=percent, tick_size=self.tick)

    def _slipped_within(self, price: Decimal, side: Side, worst: Decimal) -> Decimal:
        return slipped(
            price,
            side=side,
            worst_price=worst,
            model=SlippageModel.TICKS,
            value=Decimal(self.terms.slippage_ticks),
            tick_size=self.tick,
            spread=Decimal(0),
            quantity=0,
            day_volume=0,
        )

    def _pay_for(self, reason: Reason) -> None:
        if reason is Reason.SQUARE_OFF:
            self.cash -= self.terms.square_off_fee

    def _deal(self, bar: int, quantity: int, price: Decimal, reason: Reason, before: Decimal = Decimal(0)) -> None:
        cost = self._charges(bar, quantity, price, before)
        self.cash -= quantity * price + cost
        self.position += quantity
        self.guards = None
        self.fills.append((bar, quantity, price, cost, reason))

    def _charges(self, bar: int, quantity: int, price: Decimal, before: Decimal) -> Decimal:
        if not self.terms.rates:
            return Decimal(0)
        on = datetime.fromtimestamp(int(self.market.bars.start[bar]), UTC).astimezone(IST).date()
        day = max((each or date.min) for each in self.terms.rates if (each or date.min) <= on)
        rates, brokerage = self.terms.rates[None if day == date.min else day]
        side = Side.BUY if quantity > 0 else Side.SELL
        trade = Trade(Segment.EQ_INTRADAY, "NSE", side, abs(quantity), price, before)
        return charges(trade, rates, brokerage).rounded().total

    def _taken(self, bar: int, quantity: int) -> Decimal:
        price, high, low = self.open[bar], self.high[bar], self.low[bar]
        if self.terms.at_touch:
            on_bid = price == low
            if quantity > 0:
                price = min(price + self.tick, high) if on_bid else price
            else:
                price = price if on_bid else max(price - self.tick, low)
        return self._slipped(price, quantity)

    def _slipped(self, price: Decimal, quantity: int) -> Decimal:
        away = self.terms.slippage_ticks * self.tick
        return price + away if quantity > 0 else max(price - away, self.tick)

    def _squares_off(self) -> bool:
        return self.market.square_off is not None

    def _is_closed(self, bar: int) -> bool:
        instants = self.market.square_off
        return instants is not None and bool(self.market.bars.start[bar] >= instants[bar])

    def _is_first(self, bar: int) -> bool:
        return bar == 0 or bool(self.market.session[bar] != self.market.session[bar - 1])

    def _is_last(self, bar: int) -> bool:
        return bar + 1 == len(self.market) or self._is_first(bar + 1)

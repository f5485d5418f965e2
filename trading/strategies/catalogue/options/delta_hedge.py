"""A straddle whose direction is hedged away again and again, so that only movement and time are left."""

from collections.abc import Mapping
from decimal import Decimal

from trading.brokers.domain.terms import Side
from trading.orders.domain.shapes import SHAPES
from trading.strategies.domain.context import Context
from trading.strategies.domain.market import Contract
from trading.strategies.domain.settings import choice, integer, number
from trading.strategies.domain.strategy import Doc

from . import rules
from .base import OptionStrategy
from .book import Leg, Trade
from .plan import PlannedLeg, plan_of
from .terms import EXPIRY, ROLL, SESSION

HEDGE = "hedge"


class DeltaHedgedStraddle(OptionStrategy):
    key = "delta_hedged_straddle"
    title = "Delta-hedged straddle"
    position = choice("Straddle", ("long", "short"))
    lots = integer("Lots", 2, minimum=1, maximum=500)
    distance = integer("Steps out of the money", 0, minimum=-20, maximum=40)
    delta = number("Delta", 0.5, minimum=0.01, maximum=0.99, step=0.05)
    band = number("Hedge when net delta passes", 0.25, minimum=0.01, maximum=1.0, step=0.05)
    until = choice("Hold until", (EXPIRY, SESSION, ROLL))
    doc = Doc(
        idea="A straddle kept free of direction trades realised against implied volatility: the long one earns when"
        " the market moves more than its premium says, rebalancing low and high; the short one when it moves less.",
        rules="Buys (or sells) a call and a put at the money and, at every bar at which the net delta per unit is"
        " beyond the band, trades the future (the share, where there is none) in whole lots as near to zero as they"
        " go. Half a lot is the finest hedge: of two lots of straddle that is a net delta of 0.25, of ten 0.05.",
        fails_when="The band is narrow and charges of many small hedges eat the gain; the band is wide and"
        " direction decides after all. Long: realised stays below implied volatility, which is the usual state."
        " Short: a gap, which no hedge at bars can follow. The hedge can be no finer than half a lot.",
    )

    def plan(self) -> tuple[PlannedLeg, ...]:
        return plan_of(SHAPES[f"{self.position}-straddle"])

    def adjust(self, ctx: Context, trade: Trade, prices: Mapping[str, Decimal]) -> None:
        """Bring the net delta back to the nearest whole lot of zero once it is outside the band."""
        deltas = self.deltas(ctx, trade)
        if deltas is None or self._has_pending(ctx, HEDGE):
            return
        net = rules.net_delta(trade, deltas)
        if abs(net) <= self.band * trade.units:
            return
        contract = self._hedge_contract(ctx, trade)
        if contract is None:
            return
        lots = round(-net / contract.lot_size)
        if lots:
            self._hedge(ctx, trade, contract, lots * contract.lot_size)

    def _hedge_contract(self, ctx: Context, trade: Trade) -> Contract | None:
        """The hedge that is held already, else the future that lives at least as long, else the share."""
        held = next((leg for leg in trade.legs if leg.is_hedge), None)
        if held is not None:
            return ctx.contract(held.symbol)
        own = ctx.contract()
        future = ctx.future(expiry=trade.expiry) or ctx.future()
        return future or (own if own.is_tradable else None)

    def _hedge(self, ctx: Context, trade: Trade, contract: Contract, units: int) -> None:
        leg = trade.leg(contract.symbol)
        if leg is None:
            ctx.watch(contract.symbol)
            side = Side.BUY if units > 0 else Side.SELL
            leg = Leg(
                symbol=contract.symbol,
                side=side,
                units=abs(units),
                product=self.option_product(),
                expiry=contract.expiry,
                is_hedge=True,
            )
            trade.legs.append(leg)
            self._save(ctx)
        send = ctx.buy if units > 0 else ctx.sell
        send(abs(units), contract.symbol, product=leg.product, tag=HEDGE)

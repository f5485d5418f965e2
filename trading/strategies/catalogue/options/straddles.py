"""Straddles and strangles: a call and a put, both bought or both sold."""

from trading.strategies.domain.settings import integer, number
from trading.strategies.domain.strategy import Doc

from .base import OptionStrategy


class _AtTheMoney(OptionStrategy):
    distance = integer("Steps out of the money", 0, minimum=-20, maximum=40)
    delta = number("Delta", 0.5, minimum=0.01, maximum=0.99, step=0.05)


class _OutOfTheMoney(OptionStrategy):
    distance = integer("Steps out of the money", 4, minimum=-20, maximum=40)
    delta = number("Delta", 0.2, minimum=0.01, maximum=0.99, step=0.05)


class _Sold(OptionStrategy):
    leg_stop = number("Stop of a leg, %", 30.0, minimum=0.0, maximum=1000.0, step=5.0)


class _Bought(OptionStrategy):
    stop_percent = number("Stop, % of premium", 25.0, minimum=0.0, maximum=1000.0, step=5.0)
    target_percent = number("Target, % of premium", 40.0, minimum=0.0, maximum=1000.0, step=5.0)


_SOLD_RULES = (
    "Sells the call and the put of one expiry at the set time of day, at the money or so many steps, at such a"
    " delta or premium, outside of it. Each leg has a stop in per cent of its own premium; when one is hit, the"
    " other is kept, closed, or guarded at its entry price. Everything goes at the exit time, or at an overall"
    " stop or target."
)
_BOUGHT_RULES = (
    "Buys the call and the put of one expiry at the set time of day. Out at a stop or target in per cent of the"
    " premium paid or in rupees, else at the exit time; re-enters as often as allowed."
)


class ShortStraddle(_AtTheMoney, _Sold):
    key = "short_straddle"
    title = "Short straddle"
    shape = "short-straddle"
    doc = Doc(
        idea="Options cost more than the market usually moves: who sells both sides at the money collects the"
        " difference, most of it on the last days before expiry.",
        rules=_SOLD_RULES,
        fails_when="A day that trends hits one leg's stop and goes on; a day that swings both ways hits both. A gap"
        " overnight passes every stop, and the loss has no bound. Charges and slippage of four orders a day are a"
        " large part of what is collected.",
    )


class LongStraddle(_AtTheMoney, _Bought):
    key = "long_straddle"
    title = "Long straddle"
    shape = "long-straddle"
    doc = Doc(
        idea="A big move is coming, whichever way: both options at the money are bought, and the loss is bounded by"
        " what they cost.",
        rules=_BOUGHT_RULES,
        fails_when="Nothing happens, or volatility falls after the event that everybody knew of: both options melt"
        " together. On average buyers pay a premium for the insurance.",
    )


class ShortStrangle(_OutOfTheMoney, _Sold):
    key = "short_strangle"
    title = "Short strangle"
    shape = "short-strangle"
    doc = Doc(
        idea="The market stays between two strikes until expiry; both options outside of them are sold. Wins more"
        " often than a straddle, and less each time.",
        rules=_SOLD_RULES,
        fails_when="The rare big move: premium is small against what a sold option can cost, the loss has no bound,"
        " and a stop in per cent of a small premium is hit by noise.",
    )


class LongStrangle(_OutOfTheMoney, _Bought):
    key = "long_strangle"
    title = "Long strangle"
    shape = "long-strangle"
    doc = Doc(
        idea="A very big move is coming: options out of the money cost little and gain most, per rupee, from it.",
        rules=_BOUGHT_RULES,
        fails_when="The move is only middling: both options end worthless. Time decay is quick near expiry, and the"
        " smile makes the put dearer than it looks.",
    )

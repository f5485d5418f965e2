"""Calendars and diagonals: an option sold, and one that lives longer bought."""

from trading.orders.domain.option_choice import ExpiryRule
from trading.orders.domain.shapes import SHAPES
from trading.strategies.domain.settings import choice, integer, number
from trading.strategies.domain.strategy import Doc

from .base import OptionStrategy
from .plan import PlannedLeg, plan_of
from .terms import EXPIRY, ROLL, SESSION

_RULES = (
    "Sells an option of the near expiry and buys one of a later expiry{where}. The debit is what can be lost while"
    " both live. Everything is closed on the near expiry's day (or so many days before), rolled to the next pair if"
    " wanted, or left at a stop or target in per cent of the debit. It is never held past the near expiry, when the"
    " bought option would stand alone."
)


class _TimeSpread(OptionStrategy):
    later_expiry = choice(
        "Expiry of the bought option", (ExpiryRule.NEXT_WEEK, ExpiryRule.CURRENT_MONTH, ExpiryRule.NEXT_MONTH)
    )
    until = choice("Hold until", (EXPIRY, SESSION, ROLL))
    target_percent = number("Target, % of premium", 25.0, minimum=0.0, maximum=1000.0, step=5.0)
    stop_percent = number("Stop, % of premium", 25.0, minimum=0.0, maximum=1000.0, step=5.0)

    def later(self) -> ExpiryRule:
        return ExpiryRule(self.later_expiry)


class _OneSided(_TimeSpread):
    right = choice("Made of", ("calls", "puts"))
    shapes: tuple[str, str] = ("", "")

    def plan(self) -> tuple[PlannedLeg, ...]:
        return plan_of(SHAPES[self.shapes[self.right == "puts"]], getattr(self, "width", None))


class Calendar(_OneSided):
    key = "calendar_spread"
    title = "Calendar spread"
    shapes = ("call-calendar", "put-calendar")
    distance = integer("Steps of the strike out of the money", 0, minimum=-20, maximum=40)
    delta = number("Delta of the sold option", 0.5, minimum=0.01, maximum=0.99, step=0.05)
    doc = Doc(
        idea="An option near its end loses time value faster than one that lives on: with the market near the"
        " strike, the sold one melts and the bought one keeps its worth.",
        rules=_RULES.format(where=" at the same strike"),
        fails_when="The market moves away from the strike, either way; or volatility of the later expiry falls"
        " while the near one's stays. With modelled volatilities the second cannot be seen: a backtest flatters.",
    )


class Diagonal(_OneSided):
    key = "diagonal_spread"
    title = "Diagonal spread"
    shapes = ("call-diagonal", "put-diagonal")
    distance = integer("Steps of the sold strike out of the money", 2, minimum=-20, maximum=40)
    delta = number("Delta of the sold option", 0.3, minimum=0.01, maximum=0.99, step=0.05)
    width = integer("Strikes from the sold to the bought option", 2, minimum=1, maximum=40)
    doc = Doc(
        idea="A slow move in one direction: the later option nearer to the money gains from it, the near one"
        " further out is sold against it again and again.",
        rules=_RULES.format(where=", so many strikes closer to the money"),
        fails_when="The market runs the other way, or leaps past the sold strike; then the bought option's gain is"
        " given away, and a fall of volatility hurts the longer one more.",
    )


class DoubleCalendar(_TimeSpread):
    key = "double_calendar"
    title = "Double calendar"
    shape = "double-calendar"
    distance = integer("Steps of the strikes out of the money", 3, minimum=0, maximum=40)
    delta = number("Delta of the sold options", 0.3, minimum=0.01, maximum=0.99, step=0.05)
    doc = Doc(
        idea="Two calendars, one above and one below the market: a wider range in which time works for the holder,"
        " and a position that gains when volatility rises.",
        rules=_RULES.format(where=" at the same strike, with calls above and puts below the market"),
        fails_when="A move beyond either strike, or a fall of volatility after the entry. Eight orders a round make"
        " charges and spreads count.",
    )

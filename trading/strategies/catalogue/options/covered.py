"""Shares with an option: the covered call and the protective put."""

from trading.marketdata.domain.bars import Interval
from trading.orders.domain.option_choice import ExpiryRule
from trading.strategies.domain.settings import choice, clock_time, integer, number
from trading.strategies.domain.strategy import Doc

from .base import OptionStrategy
from .terms import EXPIRY, ROLL, SESSION, SETTLEMENT


class _Covered(OptionStrategy):
    intervals = (Interval.M1, Interval.M5, Interval.M15, Interval.D1)
    keeps_underlying = True
    expiry = choice("Expiry", (ExpiryRule.CURRENT_MONTH, ExpiryRule.NEXT_MONTH, ExpiryRule.CURRENT_WEEK,
                               ExpiryRule.NEXT_WEEK))  # fmt: skip
    until = choice("Hold until", (ROLL, EXPIRY, SETTLEMENT, SESSION))
    days_before = integer("Days before expiry", 1, minimum=0, maximum=60)
    latest_entry = clock_time("Enter until", "15:30")


_UNDERLYING = (
    " The underlying is the share itself where it can be bought, for an index the future that expires with the"
    " option. Shares stay when an option is rolled; a stop or target of the whole closes both."
)


class CoveredCall(_Covered):
    key = "covered_call"
    title = "Covered call"
    shape = "covered-call"
    distance = integer("Steps of the sold call out of the money", 2, minimum=-20, maximum=40)
    delta = number("Delta of the sold call", 0.3, minimum=0.01, maximum=0.99, step=0.05)
    doc = Doc(
        idea="Who holds shares anyway sells the rise above a level for a premium now: a steady income in a flat or"
        " slowly rising market.",
        rules="Buys as many units as an option's lot and sells a call so many steps (or at such a delta or premium)"
        " out of the money; some days before expiry the call is bought back and the next one sold." + _UNDERLYING,
        fails_when="The shares fall: the premium covers little of it, the risk is nearly that of holding them. In a"
        " strong rise the gain above the strike is gone, and buying the call back hurts. In India the margin of the"
        " sold call is blocked although shares are held, unless they are pledged.",
    )


class ProtectivePut(_Covered):
    key = "protective_put"
    title = "Protective put"
    shape = "protective-put"
    distance = integer("Steps of the bought put out of the money", 2, minimum=-20, maximum=40)
    delta = number("Delta of the bought put", 0.3, minimum=0.01, maximum=0.99, step=0.05)
    doc = Doc(
        idea="Insurance: a put sets a floor under shares for the life of the option while the rise stays whole.",
        rules="Buys as many units as an option's lot and a put so many steps (or at such a delta or premium) out of"
        " the money; some days before expiry the put is sold and the next one bought." + _UNDERLYING,
        fails_when="Nothing happens: premiums of a year add up to several per cent, so that over long spans it"
        " usually earns less than the shares alone. Insurance is dearest after a fall, when everybody wants it.",
    )

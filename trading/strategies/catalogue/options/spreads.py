"""Vertical spreads: one option bought and one sold, of one expiry, on one side."""

from trading.strategies.domain.settings import choice, integer, number
from trading.strategies.domain.strategy import Doc

from .base import OptionStrategy
from .terms import EXPIRY, ROLL, SESSION, SETTLEMENT

_CARRIED = (EXPIRY, SESSION, ROLL, SETTLEMENT)
_DEBIT_RULES = (
    "Buys the option at the chosen strike (at the money by default) and sells the one `Width` strikes further"
    " out, in the same expiry. The debit is all that can be lost, the width less the debit all that can be won."
    " Leaves at the set time before expiry, at a stop or target in rupees or in per cent of the debit."
)
_CREDIT_RULES = (
    "Sells the option at the chosen strike and buys the one `Width` strikes further out as its hedge, in the same"
    " expiry. The credit is all that can be won, the width less the credit all that can be lost. Leaves at the set"
    " time before expiry, or at a stop or target in rupees or in per cent of the credit."
)


class _Spread(OptionStrategy):
    width = integer("Width, strikes", 2, minimum=1, maximum=40)
    until = choice("Hold until", _CARRIED)


class _DebitSpread(_Spread):
    distance = integer("Steps of the bought strike out of the money", 0, minimum=-20, maximum=40)
    delta = number("Delta of the bought option", 0.5, minimum=0.01, maximum=0.99, step=0.05)
    target_percent = number("Target, % of premium", 80.0, minimum=0.0, maximum=1000.0, step=5.0)
    stop_percent = number("Stop, % of premium", 60.0, minimum=0.0, maximum=1000.0, step=5.0)


class _CreditSpread(_Spread):
    distance = integer("Steps of the sold strike out of the money", 1, minimum=-20, maximum=40)
    delta = number("Delta of the sold option", 0.3, minimum=0.01, maximum=0.99, step=0.05)
    target_percent = number("Target, % of premium", 70.0, minimum=0.0, maximum=1000.0, step=5.0)
    stop_percent = number("Stop, % of premium", 150.0, minimum=0.0, maximum=1000.0, step=5.0)


class BullCallSpread(_DebitSpread):
    key = "bull_call_spread"
    title = "Bull call spread"
    shape = "bull-call-spread"
    doc = Doc(
        idea="A rise is expected, but not beyond a level: selling the higher call pays for part of the lower one,"
        " and softens time decay and a fall of volatility.",
        rules=_DEBIT_RULES,
        fails_when="The market stands still or falls until expiry: the debit melts. A rise that comes only after"
        " expiry earns nothing, and a very big one earns no more than the width.",
    )


class BearPutSpread(_DebitSpread):
    key = "bear_put_spread"
    title = "Bear put spread"
    shape = "bear-put-spread"
    doc = Doc(
        idea="A fall is expected, but not beyond a level: selling the lower put pays for part of the higher one."
        " Since lower puts trade at higher volatility, the sold side is the dearer one.",
        rules=_DEBIT_RULES,
        fails_when="The market stands still or rises until expiry. In a crash it earns no more than the width.",
    )


class BullPutSpread(_CreditSpread):
    key = "bull_put_spread"
    title = "Bull put spread"
    shape = "bull-put-spread"
    doc = Doc(
        idea="The market will not fall below a level: the sold put decays, the bought one bounds the loss and the"
        " margin.",
        rules=_CREDIT_RULES,
        fails_when="One quick fall through both strikes costs several of the credits earned before; a gap passes"
        " every stop. Wins are frequent and small, so a good record of a few months proves little.",
    )


class BearCallSpread(_CreditSpread):
    key = "bear_call_spread"
    title = "Bear call spread"
    shape = "bear-call-spread"
    doc = Doc(
        idea="The market will not rise above a level: the sold call decays, the bought one bounds the loss and the"
        " margin.",
        rules=_CREDIT_RULES,
        fails_when="A steady or sudden rise through both strikes costs several of the credits earned before."
        " Rallies of an index are long, and calls are cheap while they last.",
    )

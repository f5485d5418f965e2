"""Iron condor and iron butterfly: a sold strangle or straddle, hedged on both sides."""

from trading.strategies.domain.settings import choice, integer, number
from trading.strategies.domain.strategy import Doc

from .base import OptionStrategy
from .terms import EXPIRY, ROLL, SESSION, SETTLEMENT

_RULES = (
    "Sells a call and a put and buys, `Width` strikes further out on each side, their hedges, all of one expiry"
    " and hedges first. The credit is all that can be won; the width less the credit the most that can be lost,"
    " and what the margin is of. Leaves at the set time before expiry, at a stop or target in per cent of the"
    " credit, or when the net delta or a sold option's delta becomes too big."
)


class _Condor(OptionStrategy):
    until = choice("Hold until", (EXPIRY, SESSION, ROLL, SETTLEMENT))
    target_percent = number("Target, % of premium", 50.0, minimum=0.0, maximum=1000.0, step=5.0)
    stop_percent = number("Stop, % of premium", 100.0, minimum=0.0, maximum=1000.0, step=5.0)


class IronCondor(_Condor):
    key = "iron_condor"
    title = "Iron condor"
    shape = "iron-condor"
    distance = integer("Steps of the sold strikes out of the money", 4, minimum=0, maximum=40)
    delta = number("Delta of the sold options", 0.2, minimum=0.01, maximum=0.99, step=0.05)
    width = integer("Width, strikes", 4, minimum=1, maximum=40)
    doc = Doc(
        idea="The market stays in a range until expiry: time passes for the seller, and both tails are bought back"
        " so that the loss has a bound and the margin stays small.",
        rules=_RULES,
        fails_when="A move through either side: one loss takes several wins. With wings close to the sold strikes"
        " four legs of charges and spread eat much of the credit; with volatility low the credit is not worth the"
        " risk.",
    )


class IronButterfly(_Condor):
    key = "iron_butterfly"
    title = "Iron butterfly"
    shape = "iron-butterfly"
    distance = integer("Steps of the sold strikes out of the money", 0, minimum=0, maximum=10)
    delta = number("Delta of the sold options", 0.5, minimum=0.01, maximum=0.99, step=0.05)
    width = integer("Width, strikes", 6, minimum=1, maximum=40)
    target_percent = number("Target, % of premium", 25.0, minimum=0.0, maximum=1000.0, step=5.0)
    stop_percent = number("Stop, % of premium", 30.0, minimum=0.0, maximum=1000.0, step=5.0)
    doc = Doc(
        idea="A straddle is sold at the money for the most time value there is, with bought wings as the bound of"
        " its loss.",
        rules=_RULES,
        fails_when="The market leaves the strike: the whole credit is only kept if it expires right there, so most"
        " trades are closed for a part of it, or at the stop.",
    )

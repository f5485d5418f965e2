"""An option named by where it stands instead of by its symbol: "the out-of-the-money call two strikes up"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

WEEK = timedelta(days=7)
MOST_STEPS = 50


class Right(StrEnum):
    """A call or a put, as instruments name them."""

    CALL = "CE"
    PUT = "PE"


class ExpiryRule(StrEnum):
    """Which listed expiry is meant, counted from the trading date."""

    CURRENT_WEEK = "current_week"
    NEXT_WEEK = "next_week"
    CURRENT_MONTH = "current_month"
    NEXT_MONTH = "next_month"


class Reference(StrEnum):
    """Whose price the strikes are measured against. AUTO: the underlying's, the future's where it has none."""

    AUTO = "auto"
    UNDERLYING = "underlying"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class StrikeOffset:
    """Steps on the strike ladder from at the money: positive is out of the money, negative in the money."""

    steps: int = 0

    @classmethod
    def parse(cls, text: str) -> "StrikeOffset":
        """From "ATM", "ITM1", "OTM12"; raises ValueError for anything else."""
        word = text.strip().upper()
        if word == "ATM":
            return cls()
        found = re.fullmatch(r"(ITM|OTM)([1-9][0-9]?)", word, re.ASCII)
        if found is None or int(found[2]) > MOST_STEPS:
            raise ValueError(f"{text!r} is not ATM, or ITM or OTM with 1 to {MOST_STEPS}")
        return cls(int(found[2]) * (1 if found[1] == "OTM" else -1))

    def __str__(self) -> str:
        return "ATM" if self.steps == 0 else f"{'OTM' if self.steps > 0 else 'ITM'}{abs(self.steps)}"


@dataclass(frozen=True, slots=True)
class OptionChoice:
    """Which contract is meant: an underlying ("NIFTY"), an expiry, a right, and a strike or an offset."""

    underlying: str
    expiry: date | ExpiryRule
    right: Right
    strike: StrikeOffset | Decimal
    exchange: str = "NFO"
    reference: Reference = Reference.AUTO

    def as_text(self) -> str:
        """One line that is equal for equal choices."""
        return f"{self.exchange}:{self.label} {self.reference}"

    @property
    def label(self) -> str:
        """The choice for people: "NIFTY current week OTM2 CE"."""
        strike = self.strike if isinstance(self.strike, StrikeOffset) else format(self.strike.normalize(), "f")
        return f"{self.underlying} {str(self.expiry).replace('_', ' ')} {strike} {self.right}"


def expiry_chosen(choice: date | ExpiryRule, listed: Sequence[date], *, today: date) -> date | None:
    """The listed expiry that is meant, None when there is none.

    `listed` holds the expiries that still trade. A week's expiry is the next one within seven days (fourteen
    for the next week), so that an underlying without weekly contracts has none; a month's is the last one
    listed in it.
    """
    ahead = sorted(expiry for expiry in set(listed) if expiry >= today)
    if isinstance(choice, ExpiryRule):
        return _by_rule(choice, ahead, today)
    return choice if choice in ahead else None


def _by_rule(rule: ExpiryRule, ahead: Sequence[date], today: date) -> date | None:
    match rule:
        case ExpiryRule.CURRENT_WEEK:
            return _within(ahead[:1], today + WEEK)
        case ExpiryRule.NEXT_WEEK:
            return _within(ahead[1:2], today + 2 * WEEK)
        case _:
            months = _last_of_each_month(ahead)
            place = 0 if rule is ExpiryRule.CURRENT_MONTH else 1
            return months[place] if place < len(months) else None


def _within(found: Sequence[date], end: date) -> date | None:
    return found[0] if found and found[0] <= end else None


def _last_of_each_month(ahead: Sequence[date]) -> list[date]:
    last = {(expiry.year, expiry.month): expiry for expiry in ahead}
    return list(last.values())


def strike_chosen(
    offset: StrikeOffset, strikes: Sequence[Decimal], *, price: Decimal, right: Right
) -> Decimal | None:
    """The listed strike that is meant, None when the ladder ends before it.

    At the money is the strike nearest to the price, the lower of two that are equally near.
    """
    ladder = sorted(set(strikes))
    if not ladder:
        return None
    at_the_money = min(range(len(ladder)), key=lambda place: (abs(ladder[place] - price), ladder[place]))
    place = at_the_money + (offset.steps if right is Right.CALL else -offset.steps)
    return ladder[place] if 0 <= place < len(ladder) else None

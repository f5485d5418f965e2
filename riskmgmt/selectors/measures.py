"""Value at risk with what it covers, and the series of marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.actor import Actor
from core.errors import InvalidInput
from riskmgmt.domain.measures.book import Book
from riskmgmt.domain.measures.value_at_risk import LEAST_DAYS, Method, ValueAtRisk, value_at_risk
from riskmgmt.models import AccountMark

from .book import DriverReturns, MeasuredBook, driver_returns

CONFIDENCES = (Decimal("0.80"), Decimal("0.999"))
MOST_HORIZON = 30
DRAWS = (1_000, 20_000)
MOST_SEED = 2**32 - 1


class RiskStatus(StrEnum):
    """Whether there is a figure, and if not why."""

    MEASURED = "measured"
    NO_POSITIONS = "no_positions"
    INSUFFICIENT_HISTORY = "insufficient_history"


@dataclass(frozen=True, slots=True)
class RiskQuestion:
    """What of the tail: `confidence` a fraction, `horizon_days` trading days, `draws` and `seed` of Monte Carlo."""

    confidence: Decimal = Decimal("0.99")
    horizon_days: int = 1
    draws: int = 10_000
    seed: int = 0

    def check(self) -> None:
        """Raises InvalidInput, with a code of its own, for what cannot be asked."""
        if not CONFIDENCES[0] <= self.confidence <= CONFIDENCES[1]:
            raise _invalid("confidence", "Ask for a confidence between 0.80 and 0.999.")
        if not 1 <= self.horizon_days <= MOST_HORIZON:
            raise _invalid("horizon", f"Ask for a horizon of 1 to {MOST_HORIZON} trading days.")
        if not DRAWS[0] <= self.draws <= DRAWS[1]:
            raise _invalid("draws", f"Ask for {DRAWS[0]} to {DRAWS[1]} draws.")
        if not 0 <= self.seed <= MOST_SEED:
            raise _invalid("seed", f"A seed lies between 0 and {MOST_SEED}.")


@dataclass(frozen=True, slots=True)
class RiskAnswer:
    """Figures of all methods for each question asked, and what they stand on.

    `covered` is the part of the gross exposure that they cover (1 for all of it); `uncovered` names the drivers
    that have too little of a past, `unpriced` the positions without a price: neither is in any figure.
    """

    status: RiskStatus
    results: tuple[ValueAtRisk, ...]
    days: tuple[date, ...]
    covered: float
    uncovered: tuple[str, ...]
    unpriced: tuple[str, ...]
    stale: bool


def risk_of(measured: MeasuredBook, questions: Sequence[RiskQuestion]) -> RiskAnswer:
    """Value at risk and CVaR of a book by every method. Raises InvalidInput for a senseless question."""
    for question in questions:
        question.check()
    book = measured.book
    past = driver_returns(book.drivers, least_days=LEAST_DAYS)
    part, covered = _covered(book, past)
    status, results = RiskStatus.MEASURED, _results(part, past, questions)
    if not book.assets:
        status, results = RiskStatus.NO_POSITIONS, ()
    elif not part.assets or len(past.days) < LEAST_DAYS:
        status, results = RiskStatus.INSUFFICIENT_HISTORY, ()
    return RiskAnswer(status, results, past.days, covered, past.uncovered, measured.unpriced, measured.stale)


def marks_for(
    actor: Actor, *, account_id: UUID, strategy: str = "", since: datetime, until: datetime
) -> QuerySet[AccountMark]:
    """The marks of an account, or of a strategy in it, from `since` to before `until`, oldest first."""
    found: QuerySet[AccountMark] = AccountMark.objects.for_actor(actor).filter(
        account_id=account_id, strategy=strategy, minute__gte=since, minute__lt=until
    )
    return found.order_by("minute")


def mark_strategies(actor: Actor, *, account_id: UUID, since: datetime) -> list[str]:
    """The strategies of an account that have been marked since then."""
    rows = AccountMark.objects.for_actor(actor).filter(account_id=account_id, minute__gte=since)
    return list(rows.exclude(strategy="").order_by("strategy").values_list("strategy", flat=True).distinct())


def _covered(book: Book, past: DriverReturns) -> tuple[Book, float]:
    """The part of the book whose drivers have a past, and its part of the gross exposure."""
    known = frozenset(past.drivers)
    gross = [
        (asset, abs(each.delta_value)) for asset, each in zip(book.assets, book.greeks_by_asset(), strict=True)
    ]
    whole = sum(value for _, value in gross)
    inside = sum(value for asset, value in gross if asset.driver in known)
    part = Book(tuple(asset for asset, _ in gross if asset.driver in known), book.rate)
    return part, inside / whole if whole else float(not past.uncovered)


def _results(part: Book, past: DriverReturns, questions: Sequence[RiskQuestion]) -> tuple[ValueAtRisk, ...]:
    if not part.assets or len(past.days) < LEAST_DAYS:
        return ()
    return tuple(
        value_at_risk(
            part,
            past.returns,
            method=method,
            confidence=float(question.confidence),
            horizon_days=question.horizon_days,
            draws=question.draws,
            seed=question.seed,
        )
        for method in Method
        for question in questions
    )


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=f"invalid_{field}", errors={field: [message]})

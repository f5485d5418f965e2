"""Tells who answers for an account that a limit on its losses is half used, nearly used or used up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from core import clock
from core.money import format_inr, from_paise
from riskmgmt.domain.limit_specs import LIMIT_SPECS
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.warnings import level_after, use_percent
from riskmgmt.models import LimitWarning, RiskLimit, RiskPeak
from trading.portfolio.services import account_lock

from .notices import tell_risk
from .watch import Watched

Peaks = Mapping[Scope, RiskPeak]
LOSS_LIMITS = ("max_daily_loss", "max_day_drawdown", "max_equity_drawdown_percent")


@dataclass(frozen=True, slots=True)
class LimitUsed:
    """A limit on losses of an account or strategy, and what of it is used, in the limit's own unit."""

    strategy: str
    name: str
    used: Decimal
    limit: Decimal

    @property
    def percent(self) -> Decimal:
        return use_percent(self.used, self.limit)


def warnings_step(account: Watched, peaks: Peaks, *, day: date) -> int:
    """Follow the use of an account's limits on losses; returns how many crossings were told.

    Each crossing is told once however often this runs: the mark that stands is a row, changed under the lock of the
    account (of the limit's row, where it reaches further) together with the notifications.
    """
    standing = _standing(account, day)
    uses = list(_uses(account, peaks, day))
    moved = [
        use for use in uses if level_after(standing.get(_name(use), 0), use.percent) != standing.get(_name(use), 0)
    ]
    if not moved:
        return 0
    with transaction.atomic():
        whose = _lock(account.scope(""))
        standing = _standing(account, day)
        return sum(_move(account, whose, use, standing.get(_name(use), 0), day) for use in moved)


def _lock(scope: Scope) -> str:
    """Lock what the warnings are about; whose limits they are, for people."""
    if scope.account_id is not None:
        return account_lock(scope.account_id).name
    rows = RiskLimit.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    user = rows.get(
        organisation_id=scope.organisation_id, account=None, user=scope.user_id, strategy=scope.strategy
    ).user
    if user is not None:
        return str(user.email)
    return "all accounts" if scope.strategy else "the organisation"


def _name(use: LimitUsed) -> tuple[str, str]:
    return use.strategy, use.name


def _standing(account: Watched, day: date) -> dict[tuple[str, str], int]:
    """The marks that stand; those of an earlier day's loss have gone with the day."""
    scope = account.scope("")
    rows = LimitWarning.objects.filter(
        organisation_id=scope.organisation_id, account=scope.account_id, user=scope.user_id
    )
    return {
        (row.strategy, row.limit): row.percent
        for row in rows
        if row.day == day or row.limit == "max_equity_drawdown_percent"
    }


def _move(account: Watched, name: str, use: LimitUsed, before: int, day: date) -> int:
    after = level_after(before, use.percent)
    if after == before:
        return 0
    scope = account.scope(use.strategy)
    LimitWarning.objects.update_or_create(
        **scope.columns,
        limit=use.name,
        defaults={
            "day": day,
            "percent": after,
            "changed_at": clock.wall_now(),
        },
    )
    if after < before:
        return 0
    label = LIMIT_SPECS[use.name].label
    whose = f"Strategy {use.strategy} in {name}" if use.strategy else name[:1].upper() + name[1:]
    tell_risk(
        scope,
        title=f"{label}: {after} % of the limit reached" if after < 100 else f"{label}: the limit is reached",
        body=f"{whose} has used {_amount(use, use.used)} of {_amount(use, use.limit)}.",
    )
    return 1


def _amount(use: LimitUsed, amount: Decimal) -> str:
    return format_inr(amount) if LIMIT_SPECS[use.name].unit == "₹" else f"{amount:.2f} %"


def _uses(account: Watched, peaks: Peaks, day: date) -> Iterator[LimitUsed]:
    for strategy, result in account.results.items():
        limits = account.limits(strategy)
        known = peaks.get(account.scope(strategy))
        peak = max(known.day_peak_paise if known is not None and known.day == day else 0, result, 0)
        if limits.max_daily_loss is not None:
            yield LimitUsed(strategy, "max_daily_loss", from_paise(max(-result, 0)), limits.max_daily_loss)
        if limits.max_day_drawdown is not None:
            yield LimitUsed(strategy, "max_day_drawdown", from_paise(peak - result), limits.max_day_drawdown)
        if not strategy and limits.max_equity_drawdown_percent is not None:
            used = _equity_drawdown(account, known)
            yield LimitUsed("", "max_equity_drawdown_percent", used, limits.max_equity_drawdown_percent)


def _equity_drawdown(account: Watched, known: RiskPeak | None) -> Decimal:
    """Per cent of the highest equity, capital as it is now; nothing where there was none."""
    peak = max(known.profit_peak_paise if known is not None else account.profit_paise, account.profit_paise)
    highest = peak + account.equity_paise - account.profit_paise
    return Decimal((peak - account.profit_paise) * 100) / highest if highest > 0 else Decimal(0)

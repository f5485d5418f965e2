"""Marks accounts and strategies to market, once a minute of market time."""

import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings

from core import clock
from riskmgmt.models import AccountMark
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Phase
from trading.instruments.selectors import market_status
from trading.orders.services.order.exposure import position_exposure
from trading.portfolio.selectors import MarkedPosition

from .warnings import LOSS_LIMITS, Peaks, warnings_step
from .watch import Watched, WatchedAccount, peaks_of, watched_accounts, watched_widely

logger = logging.getLogger(__name__)

_BATCH = 5_000


def marks_write() -> int:
    """Mark every account that has positions; returns how many. For the beat, in a system scope.

    The first run of a minute writes it, all rows in one statement; a later one finds them and does nothing, a
    parallel one loses each row to the constraint. Nothing is written while every market is closed.
    """
    now = clock.now()
    minute = now.replace(second=0, microsecond=0)
    if not _is_open(now) or AccountMark.objects.filter(minute=minute).exists():
        return 0
    accounts = sorted(
        (account for account in watched_accounts(now) if account.positions), key=lambda each: each.account_id
    )
    peaks = peaks_of(accounts)
    rows = [row for account in accounts for row in _rows(account, minute, peaks)]
    AccountMark.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_BATCH)
    day = clock.trading_date(now)
    _warn(accounts, peaks, day)
    wide = watched_widely(LOSS_LIMITS)
    _warn(wide, peaks_of(wide), day)
    return len(accounts)


def _warn(watched: Iterable[Watched], peaks: Peaks, day: date) -> None:
    for each in watched:
        try:
            warnings_step(each, peaks, day=day)
        except Exception:
            # One account's or organisation's trouble must not leave the others without their warning.
            logger.exception("a limit could not be warned of", extra={"scope": str(each.scope(""))})


def marks_prune() -> int:
    """Delete the marks that are older than `RISK_MARKS_KEEP_DAYS`; returns how many. In a system scope."""
    horizon = clock.now() - timedelta(days=settings.RISK_MARKS_KEEP_DAYS)
    count, _ = AccountMark.objects.filter(minute__lt=horizon).delete()
    return count


def _is_open(now: datetime) -> bool:
    """Whether some market trades, or is about to. Where no calendar is loaded none is known to be closed."""
    try:
        return any(session.phase is not Phase.CLOSED for session in market_status(now).segments.values())
    except CalendarUnknown:
        return True


def _rows(account: WatchedAccount, minute: datetime, peaks: Peaks) -> list[AccountMark]:
    return [
        _row(account, strategy, [row for row in account.positions if strategy in ("", row.strategy)], minute, peaks)
        for strategy in sorted(account.results)
    ]


def _row(
    account: WatchedAccount, strategy: str, positions: Sequence[MarkedPosition], minute: datetime, peaks: Peaks
) -> AccountMark:
    result, day = account.results[strategy], clock.trading_date(minute)
    known = peaks.get(account.scope(strategy))
    peak = max(known.day_peak_paise if known is not None and known.day == day else 0, result, 0)
    exposures = [position_exposure(position).value_paise for position in positions]
    return AccountMark(
        organisation_id=account.organisation_id,
        account_id=account.account_id,
        strategy=strategy,
        minute=minute,
        equity_paise=None if strategy else account.equity_paise,
        profit_paise=None if strategy else account.profit_paise,
        day_pnl_paise=result,
        realised_paise=sum(position.day_realised_paise for position in positions),
        unrealised_paise=sum(position.unrealised_paise for position in positions),
        gross_exposure_paise=sum(abs(value) for value in exposures),
        net_exposure_paise=sum(exposures),
        drawdown_paise=peak - result,
        is_stale=any(position.stale for position in positions if position.quantity),
    )

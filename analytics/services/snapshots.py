"""Daily snapshots of accounts, taken and taken again."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from uuid import UUID

import numpy as np

from analytics.models import PerformanceSnapshot
from analytics.selectors.history import History, account_history
from core import clock
from trading.portfolio.domain.ledger import LedgerAccount
from trading.portfolio.models import LedgerEntry, TradingAccount

# Together with what is open at cost these are the other side of all cash.
_OWED = (LedgerAccount.CAPITAL, LedgerAccount.CHARGES, LedgerAccount.REALISED_PNL)
_UPDATED = [
    field.name for field in PerformanceSnapshot._meta.concrete_fields if field.name not in ("id", "account", "day")
]


def snapshots_take(*, first: date, last: date, account_ids: Collection[UUID] | None = None) -> int:
    """Write each account's row of each of its days from `first` to `last` (both included); returns how many.

    For the system: all accounts unless some are named. A day that was taken before is written again with what is
    known now, so a second run changes nothing but `taken_at`. Days to come are left out.
    """
    accounts = TradingAccount.objects.all()
    if account_ids is not None:
        accounts = accounts.filter(id__in=account_ids)
    until = min(last, clock.trading_date())
    return sum(_take(account, first, until) for account in accounts.order_by("id"))


def _take(account: TradingAccount, first: date, last: date) -> int:
    rows = list(_rows(account, account_history([account.id], until=last), first))
    PerformanceSnapshot.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["account", "day"], update_fields=_UPDATED, batch_size=500
    )
    return len(rows)


def _rows(account: TradingAccount, past: History, first: date) -> Iterator[PerformanceSnapshot]:
    total = past.total()
    equity = np.cumsum(past.paid_in - past.taken_out + total.gains).tolist()
    cash = _cash_by_day(account.id)
    now, known, paid = clock.wall_now(), sorted(cash), 0
    at = 0
    for index, day in enumerate(past.days):
        while at < len(known) and known[at] <= day:
            paid += cash[known[at]]
            at += 1
        if day < first:
            continue
        yield PerformanceSnapshot(
            organisation_id=account.organisation_id,
            account=account,
            day=day,
            equity_paise=equity[index],
            cash_paise=paid,
            unrealised_paise=equity[index] - paid,
            gain_paise=int(total.gains[index]),
            charges_paise=int(total.charges[index]),
            deposits_paise=int(past.paid_in[index]),
            withdrawals_paise=int(past.taken_out[index]),
            traded_paise=int(total.traded[index]),
            fills=int(total.fills[index]),
            open_positions=int(total.open[index]),
            unpriced=int(total.unpriced[index]),
            taken_at=now,
        )


def _cash_by_day(account_id: UUID) -> dict[date, int]:
    """How cash moved on each Indian date, by the ledger alone."""
    found: defaultdict[date, int] = defaultdict(int)
    rows = LedgerEntry.objects.filter(account_id=account_id, kind__in=_OWED).order_by()
    for at, amount in rows.values_list("transaction__at", "amount_paise").iterator():
        found[clock.trading_date(at)] -= amount
    return found

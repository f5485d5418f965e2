"""What this process has already folded of accounts' books, kept for as long as it is true.

Fills and position events are only ever added (the database refuses anything else), so how many there are of an
account and when the last was recorded tell whether a fold is still whole. That is asked at every read, in two
statements for all accounts together. New rows are read and added; where the sums then do not agree the account is
read anew.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Count, Max, Q

from analytics.domain.book import BookLine
from analytics.domain.fold import AccountFold
from analytics.selectors.book import lines_where
from trading.orders.models import Fill
from trading.portfolio.models import PositionEvent

# So many lines of books a process keeps: about 100 MB. The accounts that were asked for longest ago go first.
MOST_LINES = 150_000


@dataclass(frozen=True, slots=True)
class Facts:
    """How many rows an account has, and when the latest was recorded."""

    rows: int = 0
    latest: datetime | None = None

    def __add__(self, other: "Facts") -> "Facts":
        times = [at for at in (self.latest, other.latest) if at is not None]
        return Facts(self.rows + other.rows, max(times, default=None))


class FoldMemory:
    """Folds by account."""

    def __init__(self, most_lines: int = MOST_LINES) -> None:
        self._most_lines = most_lines
        self._kept: OrderedDict[UUID, tuple[Facts, AccountFold]] = OrderedDict()
        self._lock = threading.Lock()

    def folds(self, account_ids: Collection[UUID]) -> list[AccountFold]:
        """The folds of accounts that the caller may see, in that order; four statements at most."""
        facts = _facts(account_ids)
        with self._lock:
            known = {each: self._kept[each] for each in account_ids if each in self._kept}
        stale = {each for each in account_ids if each not in known or known[each][0] != facts[each]}
        read = self._read(stale, known, facts)
        folds = {each: read[each] if each in read else known[each][1] for each in account_ids}
        self._keep({each: (facts[each], fold) for each, fold in folds.items()})
        return list(folds.values())

    def forget(self) -> None:
        """Start anew."""
        with self._lock:
            self._kept.clear()

    def _read(
        self,
        stale: set[UUID],
        known: Mapping[UUID, tuple[Facts, AccountFold]],
        facts: Mapping[UUID, Facts],
    ) -> dict[UUID, AccountFold]:
        """What has come since, added to what is known; whole where the sums do not agree."""
        grown = {each for each in stale if each in known and known[each][0].latest is not None}
        new = _by_account(
            [
                Q(account_id__in=stale - grown),
                *(Q(account_id=each, recorded_at__gt=known[each][0].latest) for each in grown),
            ]
            if stale
            else []
        )
        found = {}
        again = set()
        for each in stale:
            lines = [*(known[each][1].lines if each in grown else ()), *new[each]]
            if each in grown and len(lines) != facts[each].rows:
                again.add(each)
            else:
                found[each] = AccountFold(lines)
        if again:
            whole = _by_account([Q(account_id__in=again)])
            found |= {each: AccountFold(whole[each]) for each in again}
        return found

    def _keep(self, folds: Mapping[UUID, tuple[Facts, AccountFold]]) -> None:
        with self._lock:
            for account_id, entry in folds.items():
                # A row that came while the others were read belongs to the next look.
                if len(entry[1].lines) == entry[0].rows:
                    self._kept[account_id] = entry
                    self._kept.move_to_end(account_id)
            size = sum(len(fold.lines) for _, fold in self._kept.values())
            while size > self._most_lines and self._kept:
                size -= len(self._kept.popitem(last=False)[1][1].lines)


def _facts(account_ids: Collection[UUID]) -> dict[UUID, Facts]:
    found = dict.fromkeys(account_ids, Facts())
    for model in (Fill, PositionEvent):
        rows = model._default_manager.filter(account_id__in=account_ids).order_by().values_list("account_id")
        for account_id, count, latest in rows.annotate(Count("id"), Max("recorded_at")):
            found[account_id] += Facts(count, latest)
    return found


def _by_account(wanted: Iterable[Q]) -> dict[UUID, list[BookLine]]:
    conditions = list(wanted)
    found: defaultdict[UUID, list[BookLine]] = defaultdict(list)
    for line in lines_where(reduce(or_, conditions)) if conditions else ():
        found[line.position.account_id].append(line)
    return found


FOLDS = FoldMemory()

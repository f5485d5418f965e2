"""The trading state of an account and strategy, read from rows: a stale answer would let an order out."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, Subquery

from riskmgmt.domain.states import Standing, State, strictest
from riskmgmt.models import TradingState
from trading.portfolio.models import TradingAccount


def trading_state(
    account_id: UUID, strategy: str, at: datetime, *, organisation_id: UUID | None = None
) -> Standing:
    """The strictest state that applies to an order of this strategy ("" for none) in this account. One query.

    `organisation_id` spares the query a look at the account.
    """
    tenant = organisation_id or Subquery(TradingAccount.objects.filter(id=account_id).values("organisation_id")[:1])
    rows = TradingState.objects.filter(
        Q(account=None) | Q(account_id=account_id), Q(strategy="") | Q(strategy=strategy), organisation_id=tenant
    ).exclude(state=State.ACTIVE)
    return strictest([row.standing for row in rows], at=at)

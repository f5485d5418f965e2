"""The trading state of an account and strategy, read from rows: a stale answer would let an order out."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from core.db.prepared import Prepared, Question
from riskmgmt.domain.states import Standing, State, strictest
from riskmgmt.models import TradingState
from trading.portfolio.models import TradingAccount

_of_tenant = Prepared(
    lambda organisation_id, account_id, strategy: TradingState.objects.filter(
        Q(account=None) | Q(account_id=account_id),
        Q(strategy="") | Q(strategy=strategy),
        organisation_id=organisation_id,
    ).exclude(state=State.ACTIVE),
    organisation_id=UUID,
    account_id=UUID,
    strategy=str,
)


def trading_state_question(account_id: UUID, strategy: str, *, organisation_id: UUID) -> Question[TradingState]:
    """The rows that `trading_state` reads, to be asked ahead."""
    return _of_tenant.question(organisation_id=organisation_id, account_id=account_id, strategy=strategy)


def trading_state(
    account_id: UUID, strategy: str, at: datetime, *, organisation_id: UUID | None = None
) -> Standing:
    """The strictest state that applies to an order of this strategy ("" for none) in this account.

    `organisation_id` spares a look at the account. Raises `TradingAccount.DoesNotExist`.
    """
    tenant = organisation_id or TradingAccount.objects.values_list("organisation_id", flat=True).get(id=account_id)
    rows = _of_tenant(organisation_id=tenant, account_id=account_id, strategy=strategy)
    return strictest([row.standing for row in rows], at=at)

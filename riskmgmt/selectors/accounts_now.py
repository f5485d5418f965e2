"""Accounts as they are at this moment, for sums over all that a limit reaches."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from riskmgmt.domain.exposure import at_worst
from riskmgmt.domain.limits import OF_ACCOUNTS, Held, Reach
from riskmgmt.domain.reach import Elsewhere
from riskmgmt.domain.scopes import Scope
from trading.orders.domain.gate import Exposure, OrderContext
from trading.orders.selectors.orders import live_orders_of
from trading.orders.services.order.exposure import position_exposure, working_exposure
from trading.portfolio.models import LedgerBalance
from trading.portfolio.selectors import MarkedPosition, marked_positions


@dataclass(frozen=True, slots=True)
class AccountNow:
    """One account, or a strategy's part of it; cash and capital, in paise, are always the whole account's."""

    account_id: UUID
    owner_id: UUID
    cash_paise: int
    capital_paise: int
    positions: tuple[MarkedPosition, ...]
    working: tuple[Exposure, ...]
    unrealised_paise: int

    @property
    def equity_paise(self) -> int:
        """What the account would be worth if all were closed at the latest prices."""
        return self.cash_paise + self.unrealised_paise

    @property
    def day_pnl_paise(self) -> int:
        """The result of the day after charges."""
        return sum(position.day_result_paise for position in self.positions)

    @property
    def at_worst(self) -> list[Exposure]:
        """Its positions once all that makes them larger has filled."""
        return at_worst(map(position_exposure, self.positions), self.working)

    def part(self, strategy: str) -> "AccountNow":
        """Only what belongs to a strategy; everything for the empty one."""
        if not strategy:
            return self
        return AccountNow(
            self.account_id,
            self.owner_id,
            self.cash_paise,
            self.capital_paise,
            tuple(position for position in self.positions if position.strategy == strategy),
            tuple(row for row in self.working if row.strategy == strategy),
            self.unrealised_paise,
        )


def accounts_now(
    *,
    organisation_id: UUID,
    account_id: UUID | None = None,
    owner_id: UUID | None = None,
    besides: UUID | None = None,
) -> list[AccountNow]:
    """All accounts of an organisation, those of one owner, or one: three queries, one where there are none."""
    balances = LedgerBalance.objects.filter(organisation_id=organisation_id).select_related("account")
    if account_id is not None:
        balances = balances.filter(account_id=account_id)
    if owner_id is not None:
        balances = balances.filter(account__owner_id=owner_id)
    found = list(balances.exclude(account_id=besides).order_by("account_id"))
    if not found:
        return []
    ids = [balance.account_id for balance in found]
    live = live_orders_of(ids)
    positions: dict[UUID, list[MarkedPosition]] = defaultdict(list)
    for position in marked_positions(account_ids=ids):
        positions[position.account_id].append(position)
    return [
        AccountNow(
            account_id=balance.account_id,
            owner_id=balance.account.owner_id,
            cash_paise=(
                balance.available_paise + balance.blocked_paise + balance.margin_paise + balance.inventory_paise
            ),
            capital_paise=-balance.capital_paise,
            positions=tuple(positions[balance.account_id]),
            working=tuple(map(working_exposure, live.get(balance.account_id, ()))),
            unrealised_paise=sum(position.unrealised_paise for position in positions[balance.account_id]),
        )
        for balance in found
    ]


def accounts_reached(scope: Scope) -> list[AccountNow]:
    """What a scope's limits are summed over; of a strategy only its part of each account."""
    found = accounts_now(organisation_id=scope.organisation_id, account_id=scope.account_id, owner_id=scope.user_id)
    return [account.part(scope.strategy) for account in found]


def elsewhere(context: OrderContext, wide: Iterable[Held]) -> dict[Reach, Elsewhere]:
    """What the other accounts of each reach come to; nothing is read where only orders are counted."""
    reaches = [each.reach for each in wide if any(getattr(each.limits, name) is not None for name in OF_ACCOUNTS)]
    if not reaches:
        return {}
    owner_id = context.owner_id if reaches == [Reach.OWNER] else None
    others = accounts_now(organisation_id=context.organisation_id, owner_id=owner_id, besides=context.account_id)
    return {reach: _sum(_of(others, reach, context)) for reach in reaches}


def _of(others: Iterable[AccountNow], reach: Reach, context: OrderContext) -> list[AccountNow]:
    if reach is Reach.OWNER:
        return [account for account in others if account.owner_id == context.owner_id]
    return [account.part(context.intent.strategy if reach is Reach.STRATEGY else "") for account in others]


def _sum(accounts: list[AccountNow]) -> Elsewhere:
    return Elsewhere(
        exposures=tuple(row for account in accounts for row in account.at_worst),
        day_pnl_paise=sum(account.day_pnl_paise for account in accounts),
        equity_paise=sum(account.equity_paise for account in accounts),
        capital_paise=sum(account.capital_paise for account in accounts),
    )

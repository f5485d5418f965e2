"""All of an actor's accounts, or one of them, in a few figures."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.domain.actor import Actor
from core.money import from_paise
from trading.brokers.domain.terms import Product
from trading.portfolio.models import LedgerBalance
from trading.portfolio.selectors.accounts import account_get
from trading.portfolio.selectors.marked_position import MarkedPosition
from trading.portfolio.selectors.positions import positions


@dataclass(frozen=True, slots=True)
class PortfolioSummary:
    """Paise over the accounts summed up; day figures are today's, day P&L is after charges."""

    accounts: int
    open_positions: int
    equity_paise: int
    available_paise: int
    blocked_paise: int
    used_margin_paise: int
    invested_paise: int
    holdings_value_paise: int
    realised_pnl_paise: int
    unrealised_pnl_paise: int
    charges_paise: int
    day_pnl_paise: int
    stale: bool

    def as_strings(self) -> dict[str, Any]:
        """The API's shape: rupees as decimal strings."""
        return {
            "accounts": self.accounts,
            "open_positions": self.open_positions,
            "equity": str(from_paise(self.equity_paise)),
            "available": str(from_paise(self.available_paise)),
            "blocked": str(from_paise(self.blocked_paise)),
            "used_margin": str(from_paise(self.used_margin_paise)),
            "invested": str(from_paise(self.invested_paise)),
            "holdings_value": str(from_paise(self.holdings_value_paise)),
            "realised_pnl": str(from_paise(self.realised_pnl_paise)),
            "unrealised_pnl": str(from_paise(self.unrealised_pnl_paise)),
            "charges": str(from_paise(self.charges_paise)),
            "day_pnl": str(from_paise(self.day_pnl_paise)),
            "stale": self.stale,
        }


def portfolio_summary(
    actor: Actor, *, account_id: UUID | None = None, marked: list[MarkedPosition] | None = None
) -> PortfolioSummary:
    """The accounts that the actor may see, or the one named. Raises NotFound for an account that is not theirs.

    `marked` are their valued positions, today's closed ones included, where the caller has them already.
    """
    if account_id is not None:
        account_get(actor, account_id)
    if marked is None:
        marked = positions(actor, account_id=account_id)
    balances = LedgerBalance.objects.for_actor(actor)
    if account_id is not None:
        balances = balances.filter(account_id=account_id)
    columns = ("available_paise", "blocked_paise", "margin_paise", "inventory_paise")
    rows = list(balances.values_list(*columns))
    available, blocked, margin, invested = (sum(column) for column in zip(*rows, strict=True)) if rows else (0,) * 4
    unrealised = sum(position.unrealised_paise for position in marked)
    charges = sum(position.day_charges_paise for position in marked)
    return PortfolioSummary(
        accounts=len(rows),
        open_positions=sum(1 for position in marked if position.quantity),
        equity_paise=available + blocked + margin + invested + unrealised,
        available_paise=available,
        blocked_paise=blocked,
        used_margin_paise=margin,
        invested_paise=invested,
        holdings_value_paise=sum(
            position.state.open_value_paise + position.unrealised_paise
            for position in marked
            if position.product == Product.DELIVERY
        ),
        realised_pnl_paise=sum(position.day_realised_paise for position in marked),
        unrealised_pnl_paise=unrealised,
        charges_paise=charges,
        day_pnl_paise=sum(position.day_result_paise for position in marked),
        stale=any(position.stale for position in marked if position.quantity),
    )

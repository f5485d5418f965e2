"""Reads of trading accounts, and of the money in them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from accounts.domain.actor import Actor
from core import clock
from core.errors import NotFound
from core.money import from_paise
from trading.portfolio.domain.ledger import LedgerAccount, SourceType
from trading.portfolio.models import LedgerEntry, LedgerTransaction, TradingAccount
from trading.portfolio.selectors.history import NO_EVENTS, DayEvents, borrowed_paise, day_events
from trading.portfolio.selectors.marked_position import MarkedPosition
from trading.portfolio.selectors.positions import marked_positions

CASH_KINDS = (LedgerAccount.AVAILABLE, LedgerAccount.BLOCKED, LedgerAccount.MARGIN, LedgerAccount.INVENTORY)


def accounts_for(actor: Actor) -> QuerySet[TradingAccount]:
    """The trading accounts that the actor may see, by name."""
    return TradingAccount.objects.for_actor(actor).select_related("owner").order_by("name", "id")


def account_get(actor: Actor, account_id: UUID) -> TradingAccount:
    """One account with its balance. Raises NotFound for what the actor may not see."""
    found = accounts_for(actor).select_related("balance").filter(id=account_id).first()
    if found is None:
        raise NotFound("There is no such account.", code="unknown_account")
    account: TradingAccount = found
    return account


@dataclass(frozen=True, slots=True)
class Funds:
    """An account's money in paise. `opening_balance_paise` is its book value before today's trades.

    Realised P&L and charges are today's, with what position events (`today`) came to; unrealised P&L is of all open
    positions. `borrowed_paise` is what the broker lends for MTF positions. `stale` when a position is valued at a
    price that the feed no longer confirms, or at cost for want of one.
    """

    available_paise: int
    blocked_paise: int
    used_margin_paise: int
    invested_paise: int
    collateral_paise: int
    realised_pnl_paise: int
    unrealised_pnl_paise: int
    charges_paise: int
    opening_balance_paise: int
    stale: bool
    borrowed_paise: int = 0
    today: DayEvents = NO_EVENTS

    @property
    def equity_paise(self) -> int:
        """What the account would be worth if all were closed at the latest prices, without closing charges."""
        return (
            self.available_paise
            + self.blocked_paise
            + self.used_margin_paise
            + self.invested_paise
            + self.unrealised_pnl_paise
        )

    def as_strings(self) -> dict[str, Any]:
        """The API's shape: rupees as decimal strings."""
        return {
            "available": str(from_paise(self.available_paise)),
            "used_margin": str(from_paise(self.used_margin_paise)),
            "blocked": str(from_paise(self.blocked_paise)),
            "invested": str(from_paise(self.invested_paise)),
            "collateral": str(from_paise(self.collateral_paise)),
            "realised_pnl": str(from_paise(self.realised_pnl_paise)),
            "unrealised_pnl": str(from_paise(self.unrealised_pnl_paise)),
            "charges": str(from_paise(self.charges_paise)),
            "opening_balance": str(from_paise(self.opening_balance_paise)),
            "equity": str(from_paise(self.equity_paise)),
            "borrowed": str(from_paise(self.borrowed_paise)),
            "m2m": str(from_paise(self.today.m2m_paise)),
            "dividends": str(from_paise(self.today.dividend_paise)),
            "interest": str(from_paise(self.today.interest_paise)),
            "fees": str(from_paise(self.today.fees_paise)),
            "stale": self.stale,
        }


def funds(account: TradingAccount, marked: list[MarkedPosition] | None = None) -> Funds:
    """An account's money now. `marked` are its valued positions, where the caller has them already."""
    if marked is None:
        marked = marked_positions(account_ids=[account.id])
    balance = account.balance
    return Funds(
        available_paise=balance.available_paise,
        blocked_paise=balance.blocked_paise,
        used_margin_paise=balance.margin_paise,
        invested_paise=balance.inventory_paise,
        collateral_paise=0,
        realised_pnl_paise=sum(position.day_realised_paise for position in marked),
        unrealised_pnl_paise=sum(position.unrealised_paise for position in marked),
        charges_paise=sum(position.day_charges_paise for position in marked),
        opening_balance_paise=_opening_balance_paise(account),
        stale=any(position.stale for position in marked),
        borrowed_paise=borrowed_paise(account.id),
        today=day_events(account.id),
    )


def _opening_balance_paise(account: TradingAccount) -> int:
    balance = account.balance
    now = balance.available_paise + balance.blocked_paise + balance.margin_paise + balance.inventory_paise
    start, end = clock.ist_day_span(clock.trading_date())
    traded = LedgerEntry.objects.filter(
        kind__in=CASH_KINDS,
        transaction__account_id=account.id,
        transaction__at__gte=start,
        transaction__at__lt=end,
    )
    traded = traded.exclude(transaction__source_type__in=(SourceType.DEPOSIT, SourceType.WITHDRAWAL))
    total = traded.aggregate(total=Sum("amount_paise"))["total"]
    return now - int(total or 0)


def statement(actor: Actor, account: TradingAccount) -> QuerySet[LedgerTransaction]:
    """The account's ledger, newest first, each transaction with its entries."""
    return (
        LedgerTransaction.objects.for_actor(actor)
        .filter(account_id=account.id)
        .order_by("-at", "-id")
        .prefetch_related("entries")
    )

"""Reads of trading accounts, and of the money in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from accounts.domain.actor import Actor
from core import clock
from core.db.prepared import Prepared, Question, ask
from core.errors import NotFound
from core.money import rupee_text
from trading.portfolio.domain.ledger import LedgerAccount, SourceType
from trading.portfolio.models import LedgerBalance, LedgerEntry, LedgerTransaction, TradingAccount
from trading.portfolio.selectors.for_actor import PreparedForActor
from trading.portfolio.selectors.history import (
    NO_EVENTS,
    DayEvents,
    borrowed_paise,
    day_events,
    event_sums_between,
)
from trading.portfolio.selectors.marked_position import MarkedPosition
from trading.portfolio.selectors.positions import mark, marked_positions, positions_of_account

CASH_KINDS = (LedgerAccount.AVAILABLE, LedgerAccount.BLOCKED, LedgerAccount.MARGIN, LedgerAccount.INVENTORY)


def accounts_for(actor: Actor) -> QuerySet[TradingAccount]:
    """The trading accounts that the actor may see, by name."""
    return TradingAccount.objects.for_actor(actor).select_related("owner").order_by("name", "id")


def account_get(actor: Actor, account_id: UUID) -> TradingAccount:
    """One account with its balance. Raises NotFound for what the actor may not see."""
    found = accounts_for(actor).select_related("balance").filter(id=account_id).first()
    if found is None:
        raise no_such_account()
    account: TradingAccount = found
    return account


def no_such_account() -> NotFound:
    """To be raised for an account that is not there, or not the actor's to see."""
    return NotFound("There is no such account.", code="unknown_account")


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
            "available": rupee_text(self.available_paise),
            "used_margin": rupee_text(self.used_margin_paise),
            "blocked": rupee_text(self.blocked_paise),
            "invested": rupee_text(self.invested_paise),
            "collateral": rupee_text(self.collateral_paise),
            "realised_pnl": rupee_text(self.realised_pnl_paise),
            "unrealised_pnl": rupee_text(self.unrealised_pnl_paise),
            "charges": rupee_text(self.charges_paise),
            "opening_balance": rupee_text(self.opening_balance_paise),
            "equity": rupee_text(self.equity_paise),
            "borrowed": rupee_text(self.borrowed_paise),
            "m2m": rupee_text(self.today.m2m_paise),
            "dividends": rupee_text(self.today.dividend_paise),
            "interest": rupee_text(self.today.interest_paise),
            "fees": rupee_text(self.today.fees_paise),
            "stale": self.stale,
        }


_balance_of = PreparedForActor(
    lambda actor, account_id: (
        LedgerBalance.objects.for_actor(actor)
        .filter(account_id=account_id)
        .values_list("available_paise", "blocked_paise", "margin_paise", "inventory_paise")
    ),
    account_id=UUID,
)
_traded_between = Prepared(
    lambda account_id, start, end: (
        LedgerEntry.objects.filter(
            kind__in=CASH_KINDS,
            transaction__account_id=account_id,
            transaction__at__gte=start,
            transaction__at__lt=end,
        )
        .exclude(transaction__source_type__in=(SourceType.DEPOSIT, SourceType.WITHDRAWAL))
        .order_by()
        .values("transaction__account_id")
        .annotate(total=Sum("amount_paise"))
        .values_list("total", flat=True)
    ),
    account_id=UUID,
    start=datetime,
    end=datetime,
)


def funds_get(actor: Actor, account_id: UUID) -> Funds:
    """An account's money now, in one round trip. Raises NotFound for what the actor may not see."""
    balances, rows, *day = ask(
        _balance_of.question(actor, account_id=account_id),
        positions_of_account.question(account_id=account_id, today=clock.trading_date()),
        *_day_questions(account_id),
    )
    if not balances:
        raise no_such_account()
    return _funds(balances[0], mark(rows), *day)


def funds(account: TradingAccount, marked: list[MarkedPosition] | None = None) -> Funds:
    """An account's money now. `marked` are all its valued positions, where the caller has them already."""
    if marked is None:
        marked = marked_positions(account_ids=[account.id])
    balance = account.balance
    cash = (balance.available_paise, balance.blocked_paise, balance.margin_paise, balance.inventory_paise)
    return _funds(cash, marked, *ask(*_day_questions(account.id)))


def _day_questions(account_id: UUID) -> tuple[Question[Any], Question[Any]]:
    """What of today changes a balance: its trades' sum, its position events' sums."""
    start, end = clock.ist_day_span(clock.trading_date())
    return (
        _traded_between.question(account_id=account_id, start=start, end=end),
        event_sums_between.question(account_id=account_id, start=start, end=end),
    )


def _funds(
    cash: tuple[int, int, int, int],
    marked: list[MarkedPosition],
    traded: list[int],
    events: list[tuple[str, int, int]],
) -> Funds:
    """`cash` as in CASH_KINDS; `traded` and `events` answer `_day_questions`."""
    available, blocked, margin, invested = cash
    return Funds(
        available_paise=available,
        blocked_paise=blocked,
        used_margin_paise=margin,
        invested_paise=invested,
        collateral_paise=0,
        realised_pnl_paise=sum(position.day_realised_paise for position in marked),
        unrealised_pnl_paise=sum(position.unrealised_paise for position in marked),
        charges_paise=sum(position.day_charges_paise for position in marked),
        opening_balance_paise=sum(cash) - int(sum(traded)),
        stale=any(position.stale for position in marked),
        borrowed_paise=borrowed_paise(marked),
        today=day_events(events),
    )


def statement(actor: Actor, account: TradingAccount) -> QuerySet[LedgerTransaction]:
    """The account's ledger, newest first, each transaction with its entries."""
    return (
        LedgerTransaction.objects.for_actor(actor)
        .filter(account_id=account.id)
        .order_by("-at", "-id")
        .prefetch_related("entries")
    )

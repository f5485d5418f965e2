"""Money in and out of an account, and the money that open orders hold."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.db import writes
from core.errors import Conflict, InvalidInput
from core.ids import new_id
from core.money import format_inr, from_paise
from trading.portfolio.domain.ledger import SourceType, deposit_postings, hold_postings
from trading.portfolio.models import FundsHold, TradingAccount
from trading.portfolio.services.accounts import account_lock_for
from trading.portfolio.services.posting import ledger_post

DEPOSIT_LIMIT_PAISE = 100_00_00_000_00


class InsufficientFunds(Conflict):
    """Nothing was written: the account has less available than was to be set aside."""

    code = "insufficient_funds"
    title = "Not enough funds"


def funds_deposit(
    *, actor: Actor, account_id: UUID, paise: int, deposit_id: UUID | None = None, description: str = ""
) -> TradingAccount:
    """Put paper money in. Needs MANAGE_ACCOUNTS. The same `deposit_id` twice is a Conflict, never two deposits."""
    return _capital_move(
        actor=actor,
        account_id=account_id,
        paise=paise,
        source_type=SourceType.DEPOSIT,
        source_id=deposit_id or new_id(),
        description=description or "Deposit",
    )


def funds_withdraw(
    *, actor: Actor, account_id: UUID, paise: int, withdrawal_id: UUID | None = None, description: str = ""
) -> TradingAccount:
    """Take available paper money out. Needs MANAGE_ACCOUNTS. Raises InsufficientFunds beyond what is available."""
    return _capital_move(
        actor=actor,
        account_id=account_id,
        paise=paise,
        source_type=SourceType.WITHDRAWAL,
        source_id=withdrawal_id or new_id(),
        description=description or "Withdrawal",
    )


@transaction.atomic
def _capital_move(
    *,
    actor: Actor,
    account_id: UUID,
    paise: int,
    source_type: SourceType,
    source_id: UUID,
    description: str,
) -> TradingAccount:
    actor.require(Permission.MANAGE_ACCOUNTS)
    if not 0 < paise <= DEPOSIT_LIMIT_PAISE:
        limit = format_inr(from_paise(DEPOSIT_LIMIT_PAISE))
        raise InvalidInput(
            f"The amount must be above zero and at most {limit}.", errors={"amount": ["Out of range."]}
        )
    account = account_lock_for(actor, account_id)
    if not account.keeps_funds_here:
        raise Conflict("Only a paper account's funds are kept here.", code="not_a_paper_account")
    withdraws = source_type is SourceType.WITHDRAWAL
    try:
        with transaction.atomic():
            posted = ledger_post(
                account=account,
                source_type=source_type,
                source_id=source_id,
                postings=deposit_postings(-paise if withdraws else paise),
                at=clock.now(),
                description=description,
                needed_paise=paise if withdraws else 0,
            )
    except IntegrityError as error:
        raise Conflict("This transfer was posted before.", code="duplicate_transfer") from error
    if not posted:
        raise InsufficientFunds(f"Only {format_inr(from_paise(account.balance.available_paise))} is available.")
    audit_record(
        actor=actor,
        action=f"funds.{source_type.lower()}",
        object_type="trading_account",
        object_id=str(account.id),
        data={"amount": str(from_paise(paise)), "reference": str(source_id)},
    )
    return account


def hold_set(
    *,
    account: TradingAccount,
    order_id: UUID,
    paise: int,
    event_id: UUID,
    at: datetime | None = None,
    current_paise: int | None = None,
) -> int:
    """Set what an order holds to a new level (zero releases it); returns the change in paise.

    The caller holds the account lock. `event_id` names the order event that asks for it. A caller that knows the
    present level (a new order: 0) says so in `current_paise` and saves a query. Raises InsufficientFunds, with
    nothing written, when the increase is more than what is available.
    """
    if paise < 0:
        raise ValueError("a hold is never negative")
    if current_paise is None:
        current_paise = hold_level(order_id)
    change = paise - (current_paise or 0)
    if change == 0:
        return 0
    posted = ledger_post(
        account=account,
        source_type=SourceType.HOLD if change > 0 else SourceType.RELEASE,
        source_id=event_id,
        postings=hold_postings(change),
        at=at or clock.now(),
        needed_paise=max(change, 0),
    )
    if not posted:
        available = format_inr(from_paise(account.balance.available_paise))
        raise InsufficientFunds(f"This needs {format_inr(from_paise(change))}; {available} is available.")
    hold_write(account=account, order_id=order_id, paise=paise, exists=bool(current_paise))
    return change


def hold_level(order_id: UUID) -> int:
    """What an order holds now, in paise."""
    level = FundsHold.objects.filter(order_id=order_id).values_list("amount_paise", flat=True).first()
    return int(level or 0)


def hold_write(*, account: TradingAccount, order_id: UUID, paise: int, exists: bool) -> None:
    """Store an order's hold; a hold of zero leaves no row. The ledger is posted by the caller."""
    if not exists:
        writes.insert(
            FundsHold(
                organisation_id=account.organisation_id, account=account, order_id=order_id, amount_paise=paise
            )
        )
    elif paise:
        writes.run(
            "UPDATE portfolio_fundshold SET amount_paise = %s WHERE order_id = %s",
            [paise, order_id],
        )
    else:
        writes.run("DELETE FROM portfolio_fundshold WHERE order_id = %s", [order_id])

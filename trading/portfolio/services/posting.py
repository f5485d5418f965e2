"""The one place that writes the ledger: a transaction, its entries, and the balance they move."""

from datetime import datetime
from uuid import UUID

from core.db import writes
from trading.portfolio.domain.ledger import Postings, SourceType
from trading.portfolio.models import LedgerEntry, LedgerTransaction, TradingAccount


def ledger_post(
    *,
    account: TradingAccount,
    source_type: SourceType,
    source_id: UUID,
    postings: Postings,
    at: datetime,
    description: str = "",
    needed_paise: int = 0,
) -> bool:
    """Post one balanced event. The caller holds the account lock, under which `account.balance` was read.

    With `needed_paise` the balance moves only while at least that much is available; False means that it was
    not, and that nothing was written. `account.balance` follows in memory.
    """
    if needed_paise and account.balance.available_paise < needed_paise:
        return False
    columns = {f"{kind.lower()}_paise": paise for kind, paise in postings.items()}
    for column, paise in columns.items():
        setattr(account.balance, column, getattr(account.balance, column) + paise)
    moves = "".join(f", {column} = {column} + %s" for column in columns)
    writes.run(
        f"UPDATE portfolio_ledgerbalance SET last_source_type = %s{moves} WHERE account_id = %s",
        [source_type.value, *columns.values(), account.id],
    )
    entry = LedgerTransaction(
        organisation_id=account.organisation_id,
        account=account,
        source_type=source_type,
        source_id=source_id,
        description=description,
        at=at,
    )
    lines = [
        LedgerEntry(
            organisation_id=account.organisation_id,
            transaction=entry,
            account=account,
            kind=kind,
            amount_paise=paise,
        )
        for kind, paise in postings.items()
    ]
    writes.insert(entry, *lines)
    return True

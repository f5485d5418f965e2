"""The one place that writes the ledger: a transaction, its entries, and the balance they move."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from trading.portfolio.domain.ledger import LedgerAccount, Postings, SourceType
from trading.portfolio.models import LedgerBalance, LedgerEntry, LedgerTransaction, TradingAccount


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
    """Post one balanced event: three statements. The caller holds the account lock.

    With `needed_paise` the balance moves only while at least that much is available; False means that it was
    not, and that nothing was written. `account.balance` follows in memory.
    """
    funded = LedgerBalance.objects.filter(account_id=account.id)
    if needed_paise:
        funded = funded.filter(available_paise__gte=needed_paise)
    columns = {_column(kind): paise for kind, paise in postings.items()}
    moved = funded.update(
        last_source_type=source_type, **{column: F(column) + paise for column, paise in columns.items()}
    )
    if not moved:
        return False
    for column, paise in columns.items():
        setattr(account.balance, column, getattr(account.balance, column) + paise)
    entry = LedgerTransaction(
        organisation_id=account.organisation_id,
        account=account,
        source_type=source_type,
        source_id=source_id,
        description=description,
        at=at,
    )
    entry.save(force_insert=True)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            organisation_id=account.organisation_id,
            transaction=entry,
            account=account,
            kind=kind,
            amount_paise=paise,
        )
        for kind, paise in postings.items()
    )
    return True


def _column(kind: LedgerAccount) -> str:
    return f"{kind.lower()}_paise"

"""The double-entry book: transactions and entries are append-only, the balance row is their running sum.

`domain/ledger.py` says what each account of the book means and when it may be negative.
"""

from django.db import models
from django.db.models import F, Q

from core.ids import new_id
from trading.portfolio.domain.ledger import NEEDS_FUNDS, LedgerAccount, SourceType
from trading.portfolio.models.account import AccountOwned, TradingAccount

LEDGER_ACCOUNTS = [(kind.value, kind.value.replace("_", " ").capitalize()) for kind in LedgerAccount]
_NAMES = {SourceType.M2M: "Mark to market", SourceType.DP_CHARGE: "DP charge"}
SOURCE_TYPES = [(kind.value, _NAMES.get(kind, kind.value.replace("_", " ").capitalize())) for kind in SourceType]


class LedgerTransaction(AccountOwned):
    """One posted event. `(source_type, source_id)` names the event, so that it can be posted once only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(TradingAccount, on_delete=models.PROTECT, related_name="ledger_transactions")
    source_type = models.CharField(max_length=16, choices=SOURCE_TYPES)
    source_id = models.UUIDField()
    description = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(help_text="Market time of the event.")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["source_type", "source_id"], name="ledger_source_posted_once"),
        ]
        indexes = [models.Index(fields=["account", "-at", "-id"], name="ledger_transaction_statement")]

    def __str__(self) -> str:
        return f"{self.source_type} {self.source_id}"

    @property
    def amounts(self) -> dict[str, int]:
        """Paise by account of the book; read the entries with `prefetch_related` where there are many."""
        return {entry.kind: entry.amount_paise for entry in self.entries.all()}

    @property
    def profit_paise(self) -> int | None:
        """Realised P&L of the event as its owner reads it: a profit is positive. None when it realised nothing."""
        booked = self.amounts.get(LedgerAccount.REALISED_PNL)
        return None if booked is None else -booked


class LedgerEntry(AccountOwned):
    """One line of a transaction: paise, debit positive."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(TradingAccount, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=LEDGER_ACCOUNTS)
    amount_paise = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "ledger entries"
        constraints = [
            models.CheckConstraint(condition=~Q(amount_paise=0), name="ledger_entry_not_zero"),
            models.UniqueConstraint(fields=["transaction", "kind"], name="ledger_entry_kind_once"),
        ]
        indexes = [models.Index(fields=["account", "kind"], name="ledger_entry_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_paise}"


class LedgerBalance(AccountOwned):
    """The running sum of an account's entries, one column a kind, moved in the transaction that posts them.

    One wide row instead of one row a kind: a posting costs one row update, and a check constraint can say that
    the book as a whole sums to zero.
    """

    account = models.OneToOneField(
        TradingAccount, on_delete=models.PROTECT, primary_key=True, related_name="balance"
    )
    available_paise = models.BigIntegerField(default=0)
    blocked_paise = models.BigIntegerField(default=0)
    margin_paise = models.BigIntegerField(default=0)
    inventory_paise = models.BigIntegerField(default=0)
    capital_paise = models.BigIntegerField(default=0)
    charges_paise = models.BigIntegerField(default=0)
    realised_pnl_paise = models.BigIntegerField(default=0)
    last_source_type = models.CharField(max_length=16, choices=SOURCE_TYPES, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(blocked_paise__gte=0), name="balance_blocked_not_negative"),
            models.CheckConstraint(condition=Q(margin_paise__gte=0), name="balance_margin_not_negative"),
            models.CheckConstraint(condition=Q(inventory_paise__gte=0), name="balance_inventory_not_negative"),
            models.CheckConstraint(
                condition=Q(available_paise__gte=0)
                | ~Q(last_source_type__in=[source.value for source in NEEDS_FUNDS]),
                name="balance_holds_within_funds",
            ),
            models.CheckConstraint(
                condition=Q(
                    available_paise=-(
                        F("blocked_paise")
                        + F("margin_paise")
                        + F("inventory_paise")
                        + F("capital_paise")
                        + F("charges_paise")
                        + F("realised_pnl_paise")
                    )
                ),
                name="balance_sums_to_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"balance of {self.account_id}"


class FundsHold(AccountOwned):
    """What is blocked for one open order; the holds of an account sum to its BLOCKED balance."""

    order_id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(TradingAccount, on_delete=models.PROTECT, related_name="holds")
    amount_paise = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gte=0), name="hold_not_negative"),
        ]
        indexes = [
            models.Index(fields=["account"], condition=Q(amount_paise__gt=0), name="hold_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_paise} for {self.order_id}"

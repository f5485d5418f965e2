"""The ledger checked against itself: what an operator runs after a crash or a restore."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Case, F, Q, Sum, When

from trading.brokers.domain.terms import Product
from trading.instruments.models import DERIVATIVE_TYPES, OPTION_TYPES
from trading.portfolio.domain.ledger import LedgerAccount
from trading.portfolio.models import (
    FundsHold,
    LedgerBalance,
    LedgerEntry,
    LedgerTransaction,
    MarginBlock,
    Position,
)


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """One thing that does not add up: a stable code, the object's id, and what was expected and found (paise)."""

    code: str
    object_id: str
    expected: int
    found: int

    def __str__(self) -> str:
        return f"{self.code} {self.object_id}: expected {self.expected}, found {self.found}"


def ledger_verify() -> list[LedgerFinding]:
    """Everything wrong in the ledgers in view: run it in `system_scope()` to check every tenant. Writes nothing."""
    return [
        *_unbalanced(),
        *_empty_transactions(),
        *_balances(),
        *_holds(),
        *_positions(),
        *_blocks(),
    ]


def _unbalanced() -> Iterator[LedgerFinding]:
    sums = LedgerEntry.objects.order_by().values("transaction_id").annotate(total=Sum("amount_paise"))
    for row in sums.exclude(total=0):
        yield LedgerFinding("transaction_unbalanced", str(row["transaction_id"]), 0, row["total"])


def _empty_transactions() -> Iterator[LedgerFinding]:
    for transaction_id in LedgerTransaction.objects.filter(entries=None).values_list("id", flat=True):
        yield LedgerFinding("transaction_without_entries", str(transaction_id), 2, 0)


def _balances() -> Iterator[LedgerFinding]:
    entries = LedgerEntry.objects.order_by().values("account_id", "kind").annotate(total=Sum("amount_paise"))
    expected = {(row["account_id"], row["kind"]): row["total"] for row in entries}
    accounts_with_balance = set()
    for balance in LedgerBalance.objects.all():
        accounts_with_balance.add(balance.account_id)
        for kind in LedgerAccount:
            found = getattr(balance, f"{kind.lower()}_paise")
            total = expected.get((balance.account_id, kind.value), 0)
            if found != total:
                yield LedgerFinding(f"balance_{kind.lower()}", str(balance.account_id), total, found)
    for account_id in {account_id for account_id, _ in expected} - accounts_with_balance:
        yield LedgerFinding("balance_missing", str(account_id), 1, 0)


def _holds() -> Iterator[LedgerFinding]:
    rows = FundsHold.objects.order_by().values("account_id").annotate(total=Sum("amount_paise"))
    held = {row["account_id"]: row["total"] for row in rows}
    for account_id, blocked in LedgerBalance.objects.values_list("account_id", "blocked_paise"):
        if blocked != held.get(account_id, 0):
            yield LedgerFinding("holds_differ_from_blocked", str(account_id), blocked, held.get(account_id, 0))


def _positions() -> Iterator[LedgerFinding]:
    paid_in_full = Q(product=Product.DELIVERY) | Q(instrument__instrument_type__in=OPTION_TYPES, quantity__gt=0)
    cost = Case(When(paid_in_full, then=F("open_value_paise")), default=0)
    rows = (
        Position.objects.order_by()
        .values("account_id")
        .annotate(
            margin=Sum("margin_paise"),
            inventory=Sum(cost),
            charges=Sum("charges_paise"),
            realised=Sum("realised_pnl_paise"),
        )
    )
    of_account = {row["account_id"]: row for row in rows}
    blocks = dict(MarginBlock.objects.order_by().values_list("account_id").annotate(total=Sum("amount_paise")))
    nothing = {"margin": 0, "inventory": 0, "charges": 0, "realised": 0}
    for balance in LedgerBalance.objects.filter(~Q(last_source_type="")):
        sums = of_account.get(balance.account_id, nothing)
        for name, expected, found in (
            ("margin", balance.margin_paise, sums["margin"] + blocks.get(balance.account_id, 0)),
            ("inventory", balance.inventory_paise, sums["inventory"]),
            ("charges", balance.charges_paise, sums["charges"]),
            ("realised_pnl", -balance.realised_pnl_paise, sums["realised"]),
        ):
            if expected != found:
                yield LedgerFinding(f"positions_differ_from_{name}", str(balance.account_id), expected, found)


def _blocks() -> Iterator[LedgerFinding]:
    """An underlying has a block exactly while contracts on it are open, and no contract has margin of its own."""
    derivatives = Position.objects.filter(instrument__instrument_type__in=DERIVATIVE_TYPES)
    of_open = derivatives.exclude(quantity=0).order_by().values_list("account_id", "instrument__underlying")
    open_contracts, blocked = set(of_open), set(MarginBlock.objects.values_list("account_id", "underlying"))
    for account_id, underlying in sorted(open_contracts - blocked):
        yield LedgerFinding("margin_block_missing", f"{account_id}/{underlying}", 1, 0)
    for account_id, underlying in sorted(blocked - open_contracts):
        yield LedgerFinding("margin_block_without_position", f"{account_id}/{underlying}", 0, 1)
    for position in derivatives.exclude(margin_paise=0).only("id", "margin_paise"):
        yield LedgerFinding("contract_has_own_margin", str(position.id), 0, position.margin_paise)

"""What a run leaves behind, as plain data: what clients meant and were told, what both sides' books say."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from accounts.selectors import audit_fault
from core.tenancy import system_scope, tenant_scope
from trading.orders.management.commands.verify_ledger import one_snapshot
from trading.orders.models import Fill, Order
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerTransaction, Position, TradingAccount
from trading.portfolio.services import ledger_verify

Row = dict[str, Any]


@dataclass(frozen=True)
class History:
    """Everything the checker looks at. Amounts are paise, quantities units, positions signed by "KEY PRODUCT".

    `intents` are client order ids in the order in which they were journalled; `answers` what was told of each, as
    often as it was asked. `orders` and `fills` are this house's rows, `broker` the simulator's journal. `postings`
    counts the ledger's transactions of each fill. `findings` are what the books' own verification says.
    """

    intents: tuple[str, ...]
    answers: Mapping[str, tuple[str, ...]]
    orders: tuple[Row, ...]
    fills: tuple[Row, ...]
    broker: tuple[Row, ...]
    postings: Mapping[str, int]
    positions: Mapping[str, int]
    findings: tuple[str, ...]
    audit: str | None


@dataclass
class ClientJournal:
    """A client's own memory: each intent is on disk before it is sent."""

    path: Path
    intents: list[str] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)

    def intend(self, request: Mapping[str, Any]) -> None:
        """Write down what is about to be asked."""
        with self.path.open("a") as file:
            file.write(json.dumps(request) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if request["do"] == "submit":
            self.intents.append(request["client_order_id"])

    def learn(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Remember what was told; only an answer without an error counts as an acknowledgement."""
        if request["do"] == "submit" and "id" in answer:
            self.answers.setdefault(request["client_order_id"], []).append(answer["id"])


def record(account: TradingAccount, journals: Iterable[ClientJournal], broker: list[Row]) -> History:
    """Read both sides in one snapshot of this house's database."""
    journals = list(journals)
    with system_scope(), one_snapshot():
        orders = tuple(map(_order, Order.objects.filter(account_id=account.id).select_related("route")))
        fills = tuple(map(_fill, Fill.objects.filter(account_id=account.id).select_related("order")))
        with tenant_scope(account.organisation_id):
            findings = tuple(str(finding) for finding in (*ledger_verify(), *orders_verify()))
        fault = audit_fault(account.organisation_id)
        return History(
            intents=tuple(intent for journal in journals for intent in journal.intents),
            answers={name: tuple(ids) for journal in journals for name, ids in journal.answers.items()},
            orders=orders,
            fills=fills,
            broker=tuple(event for event in broker if _of_account(event, broker, account.id.hex)),
            postings=_postings(account.id),
            positions=_positions(account.id),
            findings=findings,
            audit=None if fault is None else str(fault),
        )


def _order(order: Order) -> Row:
    route = getattr(order, "route", None)
    return {
        "id": order.id.hex,
        "client_order_id": order.client_order_id,
        "broker_order_id": order.broker_order_id,
        "status": order.status,
        "code": order.status_code,
        "quantity": order.quantity,
        "filled": order.filled_quantity,
        "hold": order.hold_paise,
        "foreign": order.is_foreign,
        "sent": route is not None and route.claimed_at is not None,
    }


def _fill(fill: Fill) -> Row:
    return {
        "id": str(fill.id),
        "trade_id": fill.broker_trade_id,
        "broker_order_id": fill.order.broker_order_id,
        "quantity": fill.quantity,
        "price": f"{fill.price:.4f}",
    }


def _postings(account_id: UUID) -> dict[str, int]:
    counted: dict[str, int] = {}
    posted = LedgerTransaction.objects.filter(account_id=account_id, source_type="FILL")
    for source_id in posted.values_list("source_id", flat=True):
        counted[str(source_id)] = counted.get(str(source_id), 0) + 1
    return counted


def _positions(account_id: UUID) -> dict[str, int]:
    held: dict[str, int] = {}
    rows = Position.objects.filter(account_id=account_id).values_list("instrument__key", "product", "quantity")
    for key, product, quantity in rows:
        held[f"{key} {product}"] = held.get(f"{key} {product}", 0) + quantity
    return held


def _of_account(event: Row, journal: list[Row], account: str) -> bool:
    if "account" in event:
        return bool(event["account"] == account)
    mine = {each["order_id"] for each in journal if each["event"] == "order" and each["account"] == account}
    return event["order_id"] in mine

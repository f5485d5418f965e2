"""Statements as an actor may see them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from analytics.domain.statements import StatementKind
from analytics.models import Statement, StatementHolding, StatementLine, StatementTrade
from core.errors import NotFound


def statements_for(
    actor: Actor, *, account_id: UUID | None = None, kind: StatementKind | None = None
) -> QuerySet[Statement]:
    """Statements of the accounts that the actor may see, the newest import first."""
    actor.require(Permission.VIEW_ANALYTICS)
    found = Statement.objects.for_actor(actor).select_related("account", "imported_by")
    if account_id is not None:
        found = found.filter(account_id=account_id)
    if kind is not None:
        found = found.filter(kind=kind)
    return found.order_by("-imported_at", "-id")


def statement_get(actor: Actor, statement_id: UUID) -> Statement:
    """Raises NotFound for what the actor may not see."""
    found = statements_for(actor).prefetch_related("faults").filter(id=statement_id).first()
    if found is None:
        raise NotFound("There is no such statement.", code="unknown_statement")
    return found


def statement_rows(statement: Statement) -> QuerySet[Any]:
    """The rows that this file told first, in the file's order."""
    model = {
        StatementKind.LEDGER: StatementLine,
        StatementKind.HOLDINGS: StatementHolding,
    }.get(StatementKind(statement.kind), StatementTrade)
    found = model._default_manager.filter(statement=statement).order_by("row", "id")
    return found if model is StatementLine else found.select_related("instrument")

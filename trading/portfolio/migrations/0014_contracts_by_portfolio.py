"""Contracts that are open already move to portfolio margin, with the books in balance at every step.

What a bought option had blocked becomes its cost in INVENTORY: one posted transaction an account. What futures and
written options had blocked becomes the first block of their underlying, to the paisa; the next fill or refresh marks
it at its prices. No position keeps a margin of its own.
"""

from collections import defaultdict

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Sum
from django.utils import timezone

from core.ids import new_id
from core.tenancy import system_scope

OPTIONS = ("CE", "PE")
CONTRACTS = ("FUT", *OPTIONS)


def move(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Every tenant's contracts."""
    with system_scope():
        _blocks(apps)
        _inventory(apps)
        apps.get_model("portfolio", "Position").objects.filter(instrument__instrument_type__in=CONTRACTS).update(
            margin_paise=0
        )


def _blocks(apps: StateApps) -> None:
    Position = apps.get_model("portfolio", "Position")
    MarginBlock = apps.get_model("portfolio", "MarginBlock")
    amounts: dict[tuple[object, object, str], int] = defaultdict(int)
    rows = Position.objects.filter(instrument__instrument_type__in=CONTRACTS).exclude(quantity=0)
    for row in rows.select_related("instrument"):
        bought = row.instrument.instrument_type in OPTIONS and row.quantity > 0
        name = (row.organisation_id, row.account_id, row.instrument.underlying)
        amounts[name] += 0 if bought else row.margin_paise
    for (organisation_id, account_id, underlying), amount in amounts.items():
        MarginBlock.objects.create(
            organisation_id=organisation_id,
            account_id=account_id,
            underlying=underlying,
            amount_paise=amount,
            span_paise=amount,
            is_estimate=True,
            marked_at=timezone.now(),
        )


def _inventory(apps: StateApps) -> None:
    Position = apps.get_model("portfolio", "Position")
    bought = Position.objects.filter(instrument__instrument_type__in=OPTIONS, quantity__gt=0).order_by()
    sums = bought.values("organisation_id", "account_id").annotate(
        cost=Sum("open_value_paise"), margin=Sum("margin_paise")
    )
    for row in sums:
        postings = {
            "INVENTORY": row["cost"],
            "MARGIN": -row["margin"],
            "AVAILABLE": row["margin"] - row["cost"],
        }
        _post(apps, row["organisation_id"], row["account_id"], {kind: p for kind, p in postings.items() if p})


def _post(apps: StateApps, organisation_id: object, account_id: object, postings: dict[str, int]) -> None:
    if not postings:
        return
    entry = apps.get_model("portfolio", "LedgerTransaction").objects.create(
        id=new_id(),
        organisation_id=organisation_id,
        account_id=account_id,
        source_type="MARGIN",
        source_id=new_id(),
        description="Premiums of bought options from margin to inventory",
        at=timezone.now(),
    )
    LedgerEntry = apps.get_model("portfolio", "LedgerEntry")
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            organisation_id=organisation_id,
            transaction=entry,
            account_id=account_id,
            kind=kind,
            amount_paise=paise,
        )
        for kind, paise in postings.items()
    )
    columns = {f"{kind.lower()}_paise": F(f"{kind.lower()}_paise") + paise for kind, paise in postings.items()}
    apps.get_model("portfolio", "LedgerBalance").objects.filter(account_id=account_id).update(
        last_source_type="MARGIN", **columns
    )


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0013_margin_postings"), ("instruments", "0001_initial")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]

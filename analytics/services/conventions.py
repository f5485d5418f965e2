"""Setting an organisation's conventions."""

from decimal import Decimal

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from analytics.models import ReportingConventions
from core.errors import InvalidInput
from trading.instruments.models import Instrument


@transaction.atomic
def conventions_set(
    *, actor: Actor, periods_per_year: int, risk_free: Decimal, confidence: Decimal, index_key: str
) -> ReportingConventions:
    """Let the organisation's figures be reckoned so from now on, past ones too. Needs MANAGE_ORGANISATION.

    Raises InvalidInput for a year of fewer than 200 or more than 366 days, a rate or confidence that is no possible
    fraction, and an unknown index.
    """
    actor.require(Permission.MANAGE_ORGANISATION)
    for field, is_possible, message in (
        ("periods_per_year", 200 <= periods_per_year <= 366, "From 200 to 366 days."),
        ("risk_free", 0 <= risk_free < 1, "A fraction: 0.065 is 6.5 %."),
        ("confidence", Decimal("0.5") <= confidence < 1, "From 0.5 to below 1."),
        ("index", Instrument.objects.filter(key=index_key).exists(), "There is no such instrument."),
    ):
        if not is_possible:
            raise InvalidInput(message, code=f"invalid_{field}", errors={field: [message]})
    row, _ = ReportingConventions.objects.update_or_create(
        organisation_id=actor.organisation_id,
        defaults={
            "periods_per_year": periods_per_year,
            "risk_free": risk_free,
            "confidence": confidence,
            "index_key": index_key,
        },
    )
    audit_record(
        actor=actor,
        action="analytics.conventions",
        object_type="reporting_conventions",
        object_id=str(row.pk),
        data={
            "periods_per_year": periods_per_year,
            "risk_free": str(risk_free),
            "confidence": str(confidence),
            "index": index_key,
        },
    )
    return row

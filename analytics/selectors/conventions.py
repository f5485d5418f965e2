"""How an organisation reckons."""

from dataclasses import dataclass
from uuid import UUID

from analytics.domain.conventions import Conventions
from analytics.models import ReportingConventions
from analytics.models.conventions import DEFAULT_INDEX


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The conventions in force, and the key of the index that returns are held against."""

    conventions: Conventions
    index_key: str


def reckoning_of(organisation_id: UUID) -> Reckoning:
    """The organisation's own, or the defaults."""
    row = ReportingConventions.objects.filter(organisation_id=organisation_id).first()
    return Reckoning(row.domain, row.index_key) if row else Reckoning(Conventions(), DEFAULT_INDEX)

"""Reading backfills. They belong to no tenant: every member may see what is being filled."""

from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound

from ..models import Backfill, FileImport


def backfills() -> QuerySet[Backfill]:
    """All of them, latest first."""
    return Backfill.objects.order_by("-requested_at", "-pk")


def backfill_get(backfill_id: UUID) -> Backfill:
    """One of them; raises NotFound."""
    backfill: Backfill | None = Backfill.objects.filter(pk=backfill_id).first()
    if backfill is None:
        raise NotFound("No such backfill.")
    return backfill


def file_imports() -> QuerySet[FileImport]:
    """Finished imports of files, latest first."""
    return FileImport.objects.order_by("-finished_at", "-pk")

"""Whose rows may be seen. A tenant-owned model is read through `.for_actor(actor)`; PostgreSQL's row-level
security stands behind it and follows the context set here (see `core.db.postgresql`).
"""

from typing import Any, Protocol, Self
from uuid import UUID

from django.db import models
from django.db.migrations.operations import RunSQL

from core.tenant_context import SYSTEM, current_tenant, system_scope, tenant_scope

__all__ = [
    "SYSTEM",
    "OrganisationOwned",
    "TenantQuerySet",
    "current_tenant",
    "enable_rls",
    "postgres_sql",
    "system_scope",
    "tenant_scope",
]


class HasOrganisation(Protocol):
    """What scoping needs to know of an actor."""

    @property
    def organisation_id(self) -> UUID: ...


class TenantQuerySet(models.QuerySet[Any]):
    """A queryset that is scoped in one place and fails closed."""

    def for_actor(self, actor: HasOrganisation) -> Self:
        """Rows of the actor's organisation. No actor is a mistake of the caller, never 'all rows'."""
        if actor is None or not actor.organisation_id:
            raise TypeError("for_actor needs an actor with an organisation")
        return self.filter(organisation_id=actor.organisation_id)


class OrganisationOwned(models.Model):
    """A row that belongs to exactly one tenant."""

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True


class _PostgresOnlySQL(RunSQL):
    """SQL that only PostgreSQL understands; elsewhere the migration passes by."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):  # type: ignore[no-untyped-def]
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):  # type: ignore[no-untyped-def]
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def postgres_sql(forwards: str, backwards: str = RunSQL.noop) -> RunSQL:
    """A migration operation for PostgreSQL alone."""
    return _PostgresOnlySQL(forwards, backwards)


def enable_rls(*tables: str) -> RunSQL:
    """A migration operation: row-level security, forced on the owner too, by `organisation_id`."""
    rule = (
        f"current_setting('sauda.tenant', true) = '{SYSTEM}' "
        "OR organisation_id = nullif(nullif(current_setting('sauda.tenant', true), ''), '*')::uuid"
    )
    forwards = "".join(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY tenant ON {table} USING ({rule}) WITH CHECK ({rule});"
        for table in tables
    )
    backwards = "".join(
        f"DROP POLICY tenant ON {table};"
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
        for table in tables
    )
    return postgres_sql(forwards, backwards)

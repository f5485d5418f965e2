"""The database's own wall between tenants: on every table that has an owner, on whatever connection."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.test import Client

from accounts.domain.permissions import Role
from core.db.postgresql.base import DatabaseWrapper
from core.tenancy import OrganisationOwned, system_scope, tenant_scope
from tests.access.world import OBJECTS, client_of, make_desks
from tests.factories import make_organisation

TENANT_MODELS: list[type[Model]] = [
    model for model in apps.get_models(include_auto_created=True) if issubclass(model, OrganisationOwned)
]


@pytest.mark.django_db
def test_every_table_with_an_owner_is_walled_for_everybody() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,"
            " (SELECT array_agg(p.polcmd::text || (p.polwithcheck IS NOT NULL)::text) FROM pg_policy p"
            "  WHERE p.polrelid = c.oid)"
            " FROM pg_class c WHERE c.relkind IN ('r', 'p')"
        )
        walls = {row[0]: row[1:] for row in cursor.fetchall()}
    # One policy, for every command, that also checks what is written.
    assert {model._meta.db_table: walls[model._meta.db_table] for model in TENANT_MODELS} == {
        model._meta.db_table: (True, True, ["*true"]) for model in TENANT_MODELS
    }


def test_every_column_that_names_an_organisation_belongs_to_a_walled_table() -> None:
    # The active organisation is a preference of the user's, checked against their memberships whenever it is used.
    not_owned = {"accounts.User.active_organisation"}
    named = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        if not issubclass(model, OrganisationOwned)
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and getattr(field.related_model, "__name__", "") == "Organisation"
    }
    assert named == not_owned


@pytest.mark.django_db
def test_no_table_shows_a_row_without_a_tenant_and_none_shows_anothers() -> None:
    ours, theirs = make_desks()
    for desk in (ours, theirs):
        for kind in OBJECTS:
            desk.object_id(kind, Role.TRADER)
    filled = []
    for model in TENANT_MODELS:
        rows: Any = model._default_manager
        assert not rows.exists(), model
        with tenant_scope(ours.organisation.id):
            assert not rows.exclude(organisation=ours.organisation).exists(), model
            filled += [model] if rows.exists() else []
        with tenant_scope(theirs.organisation.id):
            assert rows.filter(organisation=ours.organisation).update(organisation=theirs.organisation) == 0, model
            assert not rows.filter(organisation=ours.organisation).exists(), model
    assert len(filled) >= len(OBJECTS)


@pytest.fixture
def pooled(transactional_db: None) -> Iterator[BaseDatabaseWrapper]:
    """The backend as in production, with a pool of one physical connection."""
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1, "timeout": 3}}
    wrapper = DatabaseWrapper(
        {**connection.settings_dict, "OPTIONS": options, "CONN_MAX_AGE": 0}, alias="pooled_for_test"
    )
    wrapper.settings_dict = {**wrapper.settings_dict, "OPTIONS": options}
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def _tenant_told_to(wrapper: BaseDatabaseWrapper) -> str:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT current_setting('sauda.tenant', true)")
        return str(cursor.fetchone()[0])


def test_a_pooled_connection_never_keeps_the_tenant_of_whoever_had_it_before(pooled: BaseDatabaseWrapper) -> None:
    ours, theirs = make_organisation(), make_organisation()
    with tenant_scope(theirs.id):
        assert _tenant_told_to(pooled) == str(theirs.id)
        pooled.close()
    assert _tenant_told_to(pooled) == ""
    pooled.close()
    with system_scope():
        assert _tenant_told_to(pooled) == "*"
        pooled.close()
    # Given back in the midst of a transaction: the pool rolls back, and with it what the server was told.
    with tenant_scope(ours.id):
        pooled.set_autocommit(False)
        assert _tenant_told_to(pooled) == str(ours.id)
        pooled.close()
        assert _tenant_told_to(pooled) == str(ours.id)


@pytest.mark.django_db
def test_a_request_that_breaks_leaves_no_scope_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.tenancy import current_tenant

    def burst(*_: object, **__: object) -> None:
        raise RuntimeError(current_tenant())

    ours, _ = make_desks()
    browser = client_of(ours.members[Role.TRADER].user)
    monkeypatch.setattr("trading.orders.api.orders.orders_first", burst)
    monkeypatch.setattr("analytics.views.dashboard.render", burst)
    for address in ("/api/v1/orders", "/"):
        assert browser.get(address).status_code == 500
        assert current_tenant() == ""
    assert Client().get("/api/v1/orders").status_code == 401
    assert current_tenant() == ""

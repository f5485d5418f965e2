"""Every page of the admin opens for the superuser, and for nobody else."""

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.domain.permissions import Role
from accounts.models import User
from tests.access.world import client_of
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db

MODELS: list[type[Model]] = sorted(admin.site._registry, key=lambda model: model._meta.label)
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)


@pytest.fixture
def root() -> User:
    return make_user(is_superuser=True)


def _url(model: type[Model], page: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def _registered(model: type[Model]) -> ModelAdmin[Model]:
    return admin.site._registry[model]


@every_model
def test_a_list_opens_is_searched_and_is_filtered(model: type[Model], root: User) -> None:
    browser = client_of(root)
    for query in ("", "?q=x"):
        assert browser.get(_url(model, "changelist") + query).status_code == 200
    for column in _registered(model).list_display:
        assert column != "__str__", "a list of names alone finds nothing"


@every_model
def test_a_row_is_added_only_where_no_service_has_to(model: type[Model], root: User) -> None:
    request = RequestFactory().get("/")
    request.user = root
    expected = 200 if _registered(model).has_add_permission(request) else 403
    assert client_of(root).get(_url(model, "add")).status_code == expected


@pytest.fixture(params=["nobody", "owner", "clerk"])
def outsider(request: pytest.FixtureRequest) -> Client:
    """Not logged in; the highest role of a tenant; staff to whom no right was given."""
    if request.param == "nobody":
        return Client()
    if request.param == "owner":
        return client_of(make_member(Role.OWNER).user)
    clerk = make_user()
    User.objects.filter(pk=clerk.pk).update(is_staff=True)
    return client_of(clerk)


@pytest.mark.parametrize("page", ["changelist", "add"])
def test_nobody_else_gets_in(outsider: Client, page: str) -> None:
    for model in MODELS:
        assert outsider.get(_url(model, page)).status_code in (302, 403), model

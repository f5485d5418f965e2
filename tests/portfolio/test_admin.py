"""The admin lists every model, and lets nobody edit the books."""

import pytest
from django.test import Client

from core.tenancy import system_scope
from tests.factories import make_user
from trading.brokers.domain.terms import Side
from trading.portfolio.models import LedgerTransaction

MODELS = [
    "tradingaccount",
    "ledgertransaction",
    "ledgerentry",
    "ledgerbalance",
    "fundshold",
    "position",
    "chargerate",
    "brokeragerate",
    "marginrate",
]
BOOKS = MODELS[1:6]


@pytest.fixture
def root(desk, trade):
    trade(Side.BUY, 1, "1500")
    client = Client()
    client.force_login(make_user(is_superuser=True), backend="allauth.account.auth_backends.AuthenticationBackend")
    with system_scope():
        yield client


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_listed_and_searched(root, model):
    for query in ("", "?q=x"):
        assert root.get(f"/admin/portfolio/{model}/{query}", follow=True).status_code == 200


@pytest.mark.parametrize("model", BOOKS)
def test_the_books_cannot_be_added_to(root, model):
    assert root.get(f"/admin/portfolio/{model}/add/").status_code == 403


def test_a_posted_transaction_is_shown_with_its_lines_and_not_editable(root):
    posted = LedgerTransaction.objects.filter(source_type="FILL").get()
    page = root.get(f"/admin/portfolio/ledgertransaction/{posted.pk}/change/")
    assert page.status_code == 200
    assert "_save" not in page.content.decode()
    assert root.post(f"/admin/portfolio/ledgertransaction/{posted.pk}/delete/", {"post": "yes"}).status_code == 403

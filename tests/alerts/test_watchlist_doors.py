"""The watchlist over REST and in the browser: the same services behind both."""

import re
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.domain.permissions import Role
from accounts.models import Membership
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_instrument, make_member
from trading.alerts import services
from trading.alerts.models import Watchlist

pytestmark = pytest.mark.django_db
JSON = "application/json"


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def trader() -> Membership:
    return make_member(Role.TRADER)


@pytest.fixture
def client(trader: Membership) -> Client:
    return signed_in(trader)


@pytest.fixture
def banks(trader: Membership) -> Watchlist:
    for symbol in ("NSE:M&M", "NSE:TCS"):
        make_instrument(symbol, name=f"{symbol} Limited")
    with tenant_scope(trader.organisation_id):
        actor = actor_for(trader)
        watchlist = services.watchlist_create(actor=actor, name="Banks")
        return services.watchlist_items_add(actor=actor, watchlist_id=watchlist.pk, keys=["NSE:M&M", "NSE:TCS"])


def test_a_list_lives_through_the_api_from_birth_to_death(client: Client) -> None:
    make_instrument("NSE:M&M")
    make_instrument("NSE:NIFTY", instrument_type="INDEX")
    created = client.post("/api/v1/watchlists", {"name": "Core"}, JSON)
    assert created.status_code == 201, created.content
    path = f"/api/v1/watchlists/{created.json()['id']}"
    body = client.post(f"{path}/items", {"symbols": ["NSE:M&M", "NSE:NIFTY50"]}, JSON).json()
    assert body["symbols"] == ["NSE:M&M", "NSE:NIFTY"]
    body = client.patch(path, {"name": "Hearts", "symbols": ["NSE:NIFTY", "NSE:M&M"]}, JSON).json()
    assert (body["name"], body["symbols"]) == ("Hearts", ["NSE:NIFTY", "NSE:M&M"])
    assert client.delete(f"{path}/items?symbol=NSE:M%26M").json()["symbols"] == ["NSE:NIFTY"]
    assert [one["name"] for one in client.get("/api/v1/watchlists").json()["results"]] == ["Hearts"]
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_refused_order_leaves_the_name_too(client: Client, banks: Watchlist) -> None:
    path = f"/api/v1/watchlists/{banks.pk}"
    answer = client.patch(path, {"name": "New", "symbols": ["NSE:TCS"]}, JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "incomplete_order")
    assert client.get(path).json()["name"] == "Banks"


@pytest.mark.parametrize(
    ("method", "suffix"),
    [("get", ""), ("patch", ""), ("delete", ""), ("post", "/items"), ("delete", "/items?symbol=NSE:TCS")],
)
def test_another_organisations_list_is_not_there(banks: Watchlist, method: str, suffix: str) -> None:
    outsider = signed_in(make_member(Role.OWNER))
    body = {"symbols": ["NSE:TCS"]}
    answer = getattr(outsider, method)(f"/api/v1/watchlists/{banks.pk}{suffix}", body, content_type=JSON)
    assert answer.status_code == 404
    assert "Banks" not in answer.content.decode()


def test_a_viewer_reads_but_changes_nothing(trader: Membership, banks: Watchlist) -> None:
    viewer = signed_in(make_member(Role.VIEWER, trader.organisation))
    assert viewer.get("/api/v1/watchlists").status_code == 200
    assert viewer.post("/api/v1/watchlists", {"name": "Mine"}, JSON).status_code == 403
    assert viewer.post(reverse("alerts:create"), {"name": "Mine"}).status_code == 403
    assert viewer.get(reverse("alerts:watchlist")).status_code == 200


def test_the_page_shows_live_rows_with_buy_and_sell(client: Client, banks: Watchlist) -> None:
    page = client.get(reverse("alerts:watchlist")).content.decode()
    assert 'data-live="NSE:M&amp;M" data-field="ltp"' in page
    assert "symbol=NSE%3AM%26M&amp;side=BUY" in page
    assert page.index("NSE:M&amp;M") < page.index("NSE:TCS")


def test_the_page_asks_the_database_no_more_for_more_rows(
    client: Client, trader: Membership, banks: Watchlist, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make_instrument(f"NSE:S{number}")
    with tenant_scope(trader.organisation_id):
        added = [f"NSE:S{number}" for number in range(30)]
        services.watchlist_items_add(actor=actor_for(trader), watchlist_id=banks.pk, keys=added)
    client.get(reverse("alerts:watchlist"))
    with django_assert_max_num_queries(20):
        client.get(reverse("alerts:watchlist"), headers={"HX-Request": "true"})


def test_rows_are_added_moved_and_removed_from_the_page(client: Client, banks: Watchlist) -> None:
    make_instrument("NSE:INFY", name="Infosys")
    hx = {"HX-Request": "true"}
    suggestions = client.get(reverse("alerts:suggest"), {"q": "infos", "list": str(banks.pk)}, headers=hx)
    assert reverse("alerts:item_add", args=[banks.pk]) in suggestions.content.decode()

    def change(action: str, **fields: str) -> list[str]:
        answer = client.post(reverse(f"alerts:{action}", args=[banks.pk]), fields, headers=hx)
        assert answer.status_code == 200
        rows = answer.content.decode().split('<tr data-symbol="')[1:]
        return [row.partition('"')[0].replace("&amp;", "&") for row in rows]

    assert change("item_add", symbol="NSE:INFY") == ["NSE:M&M", "NSE:TCS", "NSE:INFY"]
    assert change("item_move", symbol="NSE:INFY", direction="up") == ["NSE:M&M", "NSE:INFY", "NSE:TCS"]
    assert change("item_remove", symbol="NSE:M&M") == ["NSE:INFY", "NSE:TCS"]


def test_the_page_works_without_script(client: Client) -> None:
    answer = client.post(reverse("alerts:create"), {"name": "Core"}, follow=True)
    assert "Core" in answer.content.decode()
    again = client.post(reverse("alerts:create"), {"name": "core"}, follow=True)
    assert "already" in again.content.decode()


def test_a_refusal_reaches_the_reader_of_a_partial(client: Client, banks: Watchlist) -> None:
    answer = client.post(reverse("alerts:update", args=[banks.pk]), {"name": " "}, headers={"HX-Request": "true"})
    assert "1 to 40 characters" in answer.headers["HX-Trigger"]


def test_the_panel_marks_the_instrument_on_the_chart(client: Client, banks: Watchlist) -> None:
    page = client.get(reverse("alerts:panel"), {"current": "NSE:TCS"}).content.decode()
    assert len(re.findall(r"<li[^>]* aria-current", page)) == 1
    assert 'data-symbol="NSE:TCS" aria-current' in page


@pytest.mark.parametrize("action", ["update", "delete", "item_add", "item_remove", "item_move"])
def test_pages_of_another_organisation_change_nothing(banks: Watchlist, action: str) -> None:
    outsider = signed_in(make_member(Role.OWNER))
    answer = outsider.post(reverse(f"alerts:{action}", args=[banks.pk]), {"name": "x", "symbol": "NSE:TCS"})
    assert answer.status_code == 404


def test_an_unknown_list_is_a_404(client: Client) -> None:
    missing: UUID = uuid4()
    assert client.get(f"/api/v1/watchlists/{missing}").status_code == 404

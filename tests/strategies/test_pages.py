"""The catalogue and own code by page and by API: what is shown, what is refused, and how it is said."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from core.tenancy import system_scope
from tests.access.world import Desk, client_of, make_desks
from trading.strategies import registry
from trading.strategies.models import StrategyCode, StrategyVersion

pytestmark = pytest.mark.django_db

SOURCE = """
from trading.strategies.domain import Strategy, integer
class Mine(Strategy):
    key = "mine"
    title = "My own"
    length = integer("Length", 7, minimum=2, maximum=50)
    def on_bar(self, ctx, bar):
        ctx.log("bar")
"""


@pytest.fixture
def desk() -> Iterator[Desk]:
    with system_scope():
        yield make_desks()[0]


@pytest.fixture
def owner(desk: Desk) -> Client:
    return client_of(desk.members[Role.OWNER].user)


def test_the_catalogue_shows_every_strategy_and_is_narrowed_by_kind_and_words(owner: Client) -> None:
    page = owner.get("/strategies/").content.decode()
    for strategy in registry.all():
        assert f'href="/strategies/{strategy.key}/"' in page
    narrowed = owner.get("/strategies/?kind=pairs&q=cointegrated").content.decode()
    assert 'href="/strategies/pairs/"' in narrowed
    assert 'href="/strategies/turtle/"' not in narrowed
    assert "No strategy says that" in owner.get("/strategies/?q=perpetuum+mobile").content.decode()
    part = owner.get("/strategies/?q=turtle", headers={"HX-Request": "true", "HX-Target": "catalogue"})
    assert part.content.decode().lstrip().startswith('<div id="catalogue"')


def test_a_strategys_page_says_what_it_does_and_leads_to_a_backtest(desk: Desk, owner: Client) -> None:
    page = owner.get("/strategies/turtle/").content.decode()
    assert registry.get("turtle").doc.fails_when[:40] in page
    assert 'href="/backtests/new/?strategy=turtle"' in page
    assert "2 to 300" in page
    assert owner.get("/strategies/perpetuum/").status_code == 404
    viewer = client_of(desk.members[Role.VIEWER].user).get("/strategies/turtle/").content.decode()
    assert "/backtests/new/" not in viewer


def test_a_faulty_text_comes_back_with_its_lines_and_what_was_typed(owner: Client) -> None:
    answer = owner.post("/strategies/code/new/", {"source": "import os\r\n\r\nx = open('y')", "note": "first"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'data-line="1"' in page
    assert 'data-line="3"' in page
    assert "open(&#x27;y&#x27;)" in page
    assert 'value="first"' in page
    assert not StrategyCode.objects.exists()


def test_checking_stores_nothing_saving_does_and_both_versions_can_be_read(owner: Client) -> None:
    checked = owner.post("/strategies/code/new/", {"source": SOURCE, "check": "1"})
    assert "Sound: “My own” with 1 setting, writing on_bar" in checked.content.decode()
    assert not StrategyCode.objects.exists()

    owner.post("/strategies/code/new/", {"source": SOURCE.replace("\n", "\r\n"), "note": "first"})
    code = StrategyCode.objects.get()
    assert StrategyVersion.objects.get().source == SOURCE
    address = f"/strategies/code/{code.pk}/"
    assert owner.post(address, {"source": SOURCE.replace("7,", "9,"), "version": "1"}).status_code == 302
    late = owner.post(address, {"source": SOURCE.replace("7,", "8,"), "version": "1"})
    assert "saved a newer version meanwhile" in late.content.decode()
    assert '"Length", 7' in owner.get(f"{address}?version=1").content.decode().replace("&quot;", '"')
    assert owner.get(f"{address}?version=7").status_code == 404
    assert "Your own, version 2" in owner.get("/strategies/own.mine/").content.decode()

    assert owner.post(f"{address}delete/").status_code == 302
    assert owner.get("/strategies/own.mine/").status_code == 404


def test_the_api_lists_describes_keeps_and_refuses(owner: Client) -> None:
    listed = owner.get("/api/v1/strategies?kind=TREND").json()["results"]
    assert {each["kind"] for each in listed} == {"TREND"}
    one = owner.get("/api/v1/strategies/ma_cross").json()
    assert one["parameters"]["properties"]["fast"]["maximum"] == 200
    assert one["instruments"] == {"minimum": 1, "maximum": 1}
    assert owner.get("/api/v1/strategies?kind=MAGIC").json()["errors"].keys() == {"kind"}
    missing = owner.get("/api/v1/strategies/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_strategy")

    refused = owner.post("/api/v1/strategy-code", {"source": "import os"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (400, "strategy_refused")
    assert refused.json()["errors"]["source"] == ["line 1: `os` cannot be imported here."]
    kept = owner.post("/api/v1/strategy-code", {"source": SOURCE}, content_type="application/json")
    assert (kept.status_code, kept.json()["key"], kept.json()["source"]) == (201, "own.mine", SOURCE)
    again = owner.post("/api/v1/strategy-code", {"source": SOURCE}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "strategy_key_taken")
    address = f"/api/v1/strategy-code/{kept.json()['id']}"
    assert owner.delete(address).status_code == 204
    assert owner.get(address).status_code == 404

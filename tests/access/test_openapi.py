"""The API against its own schema: requests made from it, well-formed and not, get answers that it documents."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from schemathesis.generation import GenerationMode

from accounts.domain.permissions import Role
from core.http.answers import PROBLEM_CONTENT_TYPE
from tests.access.world import Desk, make_desks
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

EXAMPLES = 4
PROBLEM_FIELDS = {"type", "title", "status", "code", "detail", "errors", "request_id"}
# It ends the log-in that the other examples need.
_NOT_TRIED = {"auth_logout"}
_OURS = {
    "account_id": "account",
    "order_id": "order",
    "group_id": "order_group",
    "basket_id": "basket",
    "strategy_id": "option_strategy",
    "shape": "shape",
    "trigger_id": "trigger",
    "position_id": "position",
    "signal_id": "signal",
    "run_id": "strategy_run",
    "watchlist_id": "watchlist",
    "statement_id": "statement",
    "notification_id": "notification",
    "organisation_id": "organisation",
    "membership_id": "member",
    "invitation_id": "invitation",
    "api_key_id": "api_key",
    "drawing_id": "chart_drawing",
    "token_id": "datafeed_token",
    "key": "instrument",
    "name": "indicator",
    "underlying": "option_underlying",
    "backfill_id": "backfill",
    "entry_id": "journal_entry",
    "picture_id": "journal_picture",
    "backtest_id": "backtest",
    "sweep_id": "sweep",
    "number": "cell_number",
    "walk_forward_id": "walk_forward",
    "code_id": "strategy_code",
    "strategy_key": "own_strategy",
}


def _operations() -> list[Any]:
    generator: Any = SchemaGenerator
    document = json.dumps(generator().get_schema(public=True), default=str)
    schema = schemathesis.openapi.from_dict(json.loads(document))
    found = [result.ok() for result in schema.get_all_operations()]
    return [one for one in found if one.definition.raw["operationId"] not in _NOT_TRIED]


@pytest.fixture
def desk(settings: Settings) -> Desk:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    return make_desks()[0]


def _log_in(desk: Desk) -> Client:
    body = {"email": desk.members[Role.OWNER].user.email, "password": PASSWORD}
    token = Client().post("/api/v1/auth/login", body, content_type="application/json").json()["access_token"]
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("operation", _operations(), ids=lambda one: f"{one.method.upper()} {one.path}")
def test_whatever_is_sent_the_answer_is_a_documented_one(desk: Desk, operation: Any) -> None:
    client = _log_in(desk)
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, ours=st.booleans())
    def send(case: Any, ours: bool) -> None:
        names = [name for name in case.path_parameters or {} if ours]
        case.path_parameters = {
            **(case.path_parameters or {}),
            **{name: desk.object_id(_OURS[name], Role.OWNER) for name in names},
        }
        _check(case, client)

    send()


def _check(case: Any, client: Client) -> None:
    request = case.as_transport_kwargs(base_url="http://testserver")
    query = urlencode(request.get("params") or {}, doseq=True)
    url = request["url"].removeprefix("http://testserver") + (f"?{query}" if query else "")
    body = request.get("json", request.get("data"))
    sent = body if isinstance(body, bytes | str) else "" if body is None else json.dumps(body)
    # The generated ones would take the place of our log-in.
    headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
    answer = client.generic(case.method, url, sent, content_type="application/json", headers=headers)
    told = f"{case.method} {url} {sent!r} {headers} → {answer.status_code} {answer.content[:500]!r}"
    assert answer.status_code < 500, told
    if answer.status_code >= 400:
        assert answer["Content-Type"] == PROBLEM_CONTENT_TYPE, told
        assert set(answer.json()) == PROBLEM_FIELDS, told
    else:
        assert str(answer.status_code) in case.operation.definition.raw["responses"], told

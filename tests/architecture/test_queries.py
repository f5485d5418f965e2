"""No N+1 anywhere: twenty rows cost every page and every GET of the API as many queries as one row does."""

import re
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from accounts.services import organisation_create
from analytics.models import PerformanceSnapshot, Statement
from backtests.models import Run
from core import clock
from core.ids import new_id
from core.tenancy import tenant_scope
from riskmgmt.domain.scopes import Scope
from riskmgmt.services import kill_switch_press
from tests.access.routes import CORE, ROUTES, Route
from tests.access.world import OBJECTS, Desk, client_of, make_desks
from tests.factories import actor_for, make_account, make_instrument
from tests.orders.desk import show_book
from trading.alerts.models import Watchlist
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.models import Instrument
from trading.marketdata.models import ChartLayout, DailyBar, FileImport
from trading.orders.domain.intent import OrderIntent
from trading.orders.services import order_submit
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind
from trading.portfolio.models import Position
from trading.portfolio.services import account_lock, position_event_post
from trading.strategies.models import StrategyRun

pytestmark = pytest.mark.django_db

MANY = 20
READS = [route for route in ROUTES if route.method == "GET" and route not in CORE]
# One result a process (or a method, or a minute), however many rows there are.
ALWAYS_ONE = {
    # Rows of one array, which is read at once.
    "api/v1/backtests/<uuid:backtest_id>/trades",
    "api/v1/backtests/<uuid:backtest_id>/orders",
    "api/v1/backtests/<uuid:backtest_id>/log",
    # Nothing is closed here; tests/analytics/test_memory.py counts its statements for hundreds of trades.
    "api/v1/analytics/trades",
    "api/v1/indicators",
    "api/v1/market/feeds",
    # Remembered with the reference data, whose memory does not run out here.
    "api/v1/options/<str:underlying>/expiries",
    "api/v1/orders/<uuid:order_id>/events",
    "api/v1/risk/marks",
    "api/v1/risk/var",
}
QUERY_STRINGS = {
    "search/": "?q=GROW",
    "watchlist/suggest/": "?q=GROW",
}


@pytest.fixture(autouse=True)
def _market(settings: Settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.UDF_PUBLIC = True


def _grow(desk: Desk, number: int) -> str:
    """One more of everything that a page or a list may show; the key of the new instrument."""
    instrument = make_instrument(f"NSE:GROW{number}")
    show_book(key=instrument.key)
    _grow_market(instrument, number)
    owner = desk.members[Role.OWNER]
    # A further organisation of the same person, another account, a further member, key, list and so on.
    organisation_create(name=f"Other {number}", slug=f"other-{number}", owner=owner.user)
    make_account(owner)
    with tenant_scope(desk.organisation.id):
        for kind in (
            "member",
            "invitation",
            "api_key",
            "notification",
            "watchlist",
            "order_group",
            "strategy_run",
            "signal",
            "basket",
            "option_strategy",
            "trigger",
            "chart_drawing",
            "datafeed_token",
            "journal_picture",
            "backtest",
            "statement",
            "sweep",
            "walk_forward",
            "strategy_code",
        ):
            OBJECTS[kind](desk, owner)
        look = {"interval": "5m", "style": "CANDLES", "scale": "LINEAR"}
        ChartLayout.objects.create(organisation=desk.organisation, owner=owner.user, instrument=instrument, **look)
        PerformanceSnapshot.objects.create(
            organisation=desk.organisation, account=desk.account, day=clock.trading_date() - timedelta(days=number),
            equity_paise=0, cash_paise=0, unrealised_paise=0, gain_paise=0, charges_paise=0,
            taken_at=clock.wall_now(),
        )  # fmt: skip
        _grow_inner(desk, instrument, number)
        # A strategy of its own each, so that the trades of the others go on.
        scope = Scope(desk.organisation.id, strategy=f"grow-{number}")
        kill_switch_press(actor=actor_for(owner), scope=scope, reason="to grow")
        for product, price in ((Product.INTRADAY, None), (Product.DELIVERY, None), (Product.INTRADAY, "90.00")):
            _trade(desk, instrument.key, product, price)
        _event(desk)
    return instrument.key


def _grow_inner(desk: Desk, instrument: Instrument, number: int) -> None:
    """One more row of everything that has rows of its own."""
    of_desk = {"organisation": desk.organisation}
    for watchlist in Watchlist.objects.filter(**of_desk):
        watchlist.items.create(**of_desk, instrument=instrument, position=watchlist.items.count() + 1)
    for run in StrategyRun.objects.filter(**of_desk):
        run.notes.create(**of_desk, seq=1_000 + number, kind="LOG", message="grown", at=clock.now())
    for run in Run.objects.filter(**of_desk, kind=Run.Kind.SWEEP):
        run.cells.create(
            **of_desk, number=1_000 + number, parameters={"fast": number, "slow": 100}, status="DONE",
            score=float(number), final_paise=1,
        )  # fmt: skip
    for statement in Statement.objects.filter(**of_desk):
        statement.statementtrades.create(
            **of_desk, account=statement.account, instrument=instrument, symbol=instrument.symbol,
            row=1_000 + number, day=clock.trading_date(), identity=f"{statement.id.hex}{number}",
            side="BUY", quantity=1, price=1,
        )  # fmt: skip


def _grow_market(instrument: Instrument, number: int) -> None:
    """One more import, and one more gap in the days of an instrument."""
    FileImport.objects.create(
        filename=f"grow-{number}.csv", sha256="0" * 64, format="kite", finished_at=clock.wall_now(),
        rows_read=0, inserted=0, updated=0, unchanged=0, outside_session=0, duplicates=0, rejected=0,
    )  # fmt: skip
    DailyBar.objects.create(
        instrument=instrument, date=clock.trading_date() - timedelta(days=20), source=DailyBar.Source.ROLL_UP,
        open=1, high=1, low=1, close=1, minutes=1,
    )  # fmt: skip


def _event(desk: Desk) -> None:
    """One more thing that happened to the position whose history is read."""
    now = clock.now()
    with transaction.atomic():
        account = account_lock(desk.account.id)
        position_event_post(
            account=account,
            position=Position.objects.select_related("instrument").get(id=desk.object_id("position", Role.OWNER)),
            facts=EventFacts(kind=PositionEventKind.DIVIDEND, day=clock.trading_date(now), value_paise=100),
            source_id=new_id(),
            at=now,
            description="Dividend",
        )


def _trade(desk: Desk, key: str, product: Product, price: str | None) -> None:
    """Buy at the market, or rest below it."""
    order = order_submit(
        actor=actor_for(desk.members[Role.OWNER]),
        intent=OrderIntent(
            account_id=desk.account.id,
            key=key,
            side=Side.BUY,
            quantity=1,
            order_type=OrderType.LIMIT if price else OrderType.MARKET,
            product=product,
            price=None if price is None else Decimal(price),
            client_order_id=new_id().hex,
        ),
    )
    assert order.status in {"FILLED", "OPEN"}, order.status_message


def _address(route: Route, desk: Desk, keys: list[str]) -> str:
    address = route.pattern
    for part, kind in route.objects:
        address = re.sub(rf"<\w+:{part}>", desk.object_id(kind, Role.OWNER), address)
    if route.pattern == "api/v1/quotes":
        return f"/{address}?symbols={','.join(keys)}"
    if route.pattern == "api/v1/options/shapes/<str:shape>":
        # Strikes are counted from a fresh price.
        show_book(key="NFO:NIFTY32DECFUT", ltp="24000.00")
    if route.pattern == "api/v1/risk/marks":
        return f"/{address}?account={desk.object_id('account', Role.OWNER)}"
    return f"/{address}{QUERY_STRINGS.get(route.pattern, route.query)}"


def _read_all(client: Client, desk: Desk, keys: list[str]) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Each address's statements, caches warm, and the number of results of each list of the API."""
    statements: dict[str, list[str]] = {}
    results: dict[str, int] = {}
    for route in READS:
        address = _address(route, desk, keys)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code < 400, f"{address}: {answer.status_code} {answer.content[:300]!r}"
        statements[route.pattern] = [query["sql"][:100] for query in queries.captured_queries]
        listed = _listed(route, answer)
        if listed is not None:
            results[route.pattern] = listed
    return statements, results


def _listed(route: Route, answer: HttpResponse) -> int | None:
    if not route.is_api or answer.headers.get("Content-Type") != "application/json":
        return None
    content = answer.json()  # type: ignore[attr-defined]
    return len(content["results"]) if isinstance(content, Mapping) and "results" in content else None


@pytest.fixture
def _nothing_grows_old(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """On a busy machine a minute passes between the two readings of an address. Until then no log-in, kept in the
    shared cache, no rate or limit that a process remembers for seconds, and no quote may run out.
    """
    settings.AUTH_CACHE_SECONDS = 86_400
    moment = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: moment)
    with time_machine.travel(clock.wall_now(), tick=False):
        yield


@pytest.mark.usefixtures("_nothing_grows_old")
def test_twenty_rows_cost_as_many_queries_as_one() -> None:
    desk, _ = make_desks()
    client = client_of(desk.members[Role.OWNER].user)
    keys = [_grow(desk, 1)]
    with_one, one_result = _read_all(client, desk, keys)
    keys += [_grow(desk, number) for number in range(2, MANY + 1)]
    with_many, many_results = _read_all(client, desk, keys)

    same_length = {name for name, count in many_results.items() if count <= one_result[name]} - ALWAYS_ONE
    assert same_length == set(), "teach _grow what these lists show"
    grown = {
        pattern: max(set(statements), key=statements.count)
        for pattern, statements in with_many.items()
        if len(statements) > len(with_one[pattern])
    }
    assert grown == {}, "these ask more often the more rows there are; the statement asked most often is shown"

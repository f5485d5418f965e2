"""Marks: one's own fills, and what companies did; each at the time of a bar."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.domain.permissions import Role
from accounts.models import Membership
from core.tenancy import tenant_scope
from tests.factories import make_account, make_member
from trading.instruments.models import CorporateAction, Instrument
from trading.orders.models import Fill, Order
from trading.portfolio.models import TradingAccount

from .conftest import ist, make_token, utc_midnight

pytestmark = pytest.mark.django_db

WEEK = (ist("2022-11-04 00:00"), ist("2022-11-10 00:00"))


def _trade(
    member: Membership, account: TradingAccount, instrument: Instrument, side: str, at: int, number: int
) -> Fill:
    with tenant_scope(member.organisation_id):
        moment = datetime.fromtimestamp(at, UTC)
        order = Order.objects.create(
            organisation_id=member.organisation_id, account=account, instrument=instrument,
            client_order_id=f"o{number}", request_hash="x", side=side, quantity=10, order_type="LIMIT",
            product="INTRADAY", price=Decimal("100.50"), worst_price=Decimal("100.50"), status="FILLED",
            filled_quantity=10, placed_by="tests", created_at=moment, updated_at=moment,
        )  # fmt: skip
        fill: Fill = Fill.objects.create(
            organisation_id=member.organisation_id, account=account, order=order, instrument=instrument,
            broker_trade_id=f"t{number}", side=side, quantity=10, price=Decimal("100.50"),
            traded_at=moment, charges_paise=0,
        )  # fmt: skip
    return fill


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        ("1", [ist("2022-11-04 10:07"), ist("2022-11-07 15:29")]),
        ("5", [ist("2022-11-04 10:05"), ist("2022-11-07 15:25")]),
        ("60", [ist("2022-11-04 09:15"), ist("2022-11-07 15:15")]),
        ("1D", [utc_midnight("2022-11-04"), utc_midnight("2022-11-07")]),
    ],
)
def test_own_fills_stand_on_the_bars_they_happened_in(ask, member, reliance, resolution, expected):
    account = make_account(member)
    first = _trade(member, account, reliance, "BUY", ist("2022-11-04 10:07") + 31, 1)
    second = _trade(member, account, reliance, "SELL", ist("2022-11-07 15:29") + 59, 2)
    start, end = WEEK if resolution != "1D" else (utc_midnight("2022-11-04"), utc_midnight("2022-11-10"))
    marks = ask("marks", symbol="NSE:RELIANCE", resolution=resolution, from_=start, to=end)
    assert marks["time"] == expected
    assert marks["id"] == [str(first.id), str(second.id)]
    assert (marks["label"], marks["color"]) == (["B", "S"], ["blue", "red"])
    assert marks["text"] == ["Bought 10 at 100.5", "Sold 10 at 100.5"]
    assert {len(column) for column in marks.values()} == {2}
    bars = ask("history", symbol="NSE:RELIANCE", resolution=resolution, from_=start, to=end)
    assert set(marks["time"]) <= set(bars["t"])


def test_nobody_elses_fills_are_marked(ask, client, member, reliance):
    colleague = make_member(Role.OWNER, member.organisation)
    stranger = make_member(Role.OWNER)
    for number, other in enumerate((colleague, stranger), start=10):
        _trade(other, make_account(other), reliance, "BUY", ist("2022-11-04 10:07"), number)
    query = {"symbol": "NSE:RELIANCE", "resolution": "5", "from": WEEK[0], "to": WEEK[1]}
    assert ask("marks", **query)["id"] == []
    theirs = make_token(colleague)
    assert len(client.get(f"/udf/{theirs}/marks", query).json()["id"]) == 1


def test_without_a_token_there_are_no_fills(client, settings, member, reliance):
    settings.UDF_PUBLIC = True
    _trade(member, make_account(member), reliance, "BUY", ist("2022-11-04 10:07"), 1)
    query = {"symbol": "NSE:RELIANCE", "resolution": "5", "from": WEEK[0], "to": WEEK[1]}
    assert client.get("/udf/marks", query).json()["id"] == []


def _actions(reliance: Instrument) -> None:
    make = CorporateAction.objects.create
    make(instrument=reliance, kind="SPLIT", ex_date=date(2022, 11, 4), ratio_held=1, ratio_after=5)
    # A holiday: the mark goes to the next bar.
    make(instrument=reliance, kind="DIVIDEND", ex_date=date(2022, 11, 8), amount=Decimal("8.0000"), note="Final")


@pytest.mark.parametrize(
    ("resolution", "times"),
    [
        ("1D", [utc_midnight("2022-11-04"), utc_midnight("2022-11-09")]),
        ("5", [ist("2022-11-04 09:15"), ist("2022-11-09 09:15")]),
        ("1W", [utc_midnight("2022-10-31"), utc_midnight("2022-11-07")]),
        ("1M", [utc_midnight("2022-11-01"), utc_midnight("2022-11-01")]),
    ],
)
def test_corporate_actions_stand_on_the_first_bar_of_their_day(ask, reliance, resolution, times):
    _actions(reliance)
    span = {"from_": utc_midnight("2022-10-30"), "to": utc_midnight("2022-11-10")}
    marks = ask("timescale_marks", symbol="NSE:RELIANCE", resolution=resolution, **span)
    assert [mark["time"] for mark in marks] == times
    assert [mark["label"] for mark in marks] == ["S", "D"]
    assert marks[0]["tooltip"] == ["Split: 1 into 5", "Ex 04 Nov 2022"]
    assert marks[1]["tooltip"] == ["Dividend of ₹8", "Ex 08 Nov 2022", "Final"]
    assert len({mark["id"] for mark in marks}) == 2


@pytest.mark.parametrize("resolution", ["1D", "5"])
def test_an_action_is_marked_in_the_span_of_its_bar_alone(ask, reliance, resolution):
    _actions(reliance)
    later = {"from_": ist("2022-11-04 12:00"), "to": ist("2022-11-07 15:30")}
    assert ask("timescale_marks", symbol="NSE:RELIANCE", resolution=resolution, **later) == []
    monday = {"from_": utc_midnight("2022-11-09"), "to": utc_midnight("2022-11-10")}
    assert [
        mark["label"] for mark in ask("timescale_marks", symbol="NSE:RELIANCE", resolution=resolution, **monday)
    ] == ["D"]


@pytest.mark.parametrize("address", ["marks", "timescale_marks"])
def test_bad_questions_about_marks_are_told_what_is_wrong(ask, reliance, address):
    for query in ({"resolution": "7"}, {"from_": "x"}, {"symbol": "NSE:NOBODY"}):
        good = {"symbol": "NSE:RELIANCE", "resolution": "1D", "from_": 0, "to": 10}
        assert ask(address, **(good | query))["s"] == "error"

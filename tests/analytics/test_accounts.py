"""Real accounts: what is told of them agrees with the ledger, and who may be told it."""

import base64
import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from python_calamine import CalamineWorkbook

from accounts.domain.permissions import Role
from analytics.domain.breakdown import By
from analytics.domain.slippage import Slippage
from analytics.models import JournalEntry, JournalPicture, PerformanceSnapshot, ReportingConventions
from analytics.selectors import account_history, history_of, performance_of, scope_for
from analytics.selectors.breakdown import breakdown
from analytics.selectors.executions import slippage_of, trade_rows
from analytics.selectors.exports import Format, Sheet, Table, _csv, export
from analytics.services import (
    JournalNote,
    conventions_set,
    journal_change,
    journal_write,
    picture_add,
    picture_delete,
    snapshots_take,
)
from core import clock
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from core.tenancy import system_scope, tenant_scope
from tests.access.world import client_of
from tests.analytics.books import a_round, trade
from tests.factories import actor_for, make_instrument, make_member
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import Product, Side
from trading.marketdata.models import Candle
from trading.orders.models import Order
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import funds
from trading.portfolio.services import funds_deposit, funds_withdraw

pytestmark = pytest.mark.django_db

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def noon() -> Iterator[datetime]:
    """A second after noon in India, which it gives: neither the minute nor the day turns within a test."""
    noon = clock.ist_day_start(clock.trading_date()) + timedelta(hours=12)
    with time_machine.travel(noon + timedelta(seconds=1), tick=True):
        yield noon


def test_worth_is_the_funds_pages_to_the_paisa_with_money_in_out_and_open(desk: Desk) -> None:
    a_round(desk)
    with tenant_scope(desk.organisation.id):
        funds_deposit(actor=desk.owner, account_id=desk.account.id, paise=5_00_000)
        funds_withdraw(actor=desk.owner, account_id=desk.account.id, paise=1_00_000)
        account = TradingAccount.objects.select_related("balance").get(id=desk.account.id)
        scope = scope_for(desk.trader, account_id=account.id)
        report = performance_of(scope, organisation_id=desk.organisation.id)
        assert report.money.closing_paise == funds(account).equity_paise
        assert report.money.paid_in_paise - report.money.paid_out_paise == 10_04_000_00
        assert report.money.net_paise == 60 * 4_95 + 40 * 5_00 - report.money.charges_paise
        assert report.trades.trades == 1


def test_parts_add_up_to_the_whole(desk: Desk) -> None:
    a_round(desk)
    make_instrument("NSE:TCS")
    show_book(key="NSE:TCS")
    trade(desk, Side.BUY, 10, key="NSE:TCS", product=Product.DELIVERY)
    with tenant_scope(desk.organisation.id):
        scope = scope_for(desk.trader)
        history = history_of(scope)
        whole = performance_of(scope, organisation_id=desk.organisation.id, history=history)
        for by in (By.SYMBOL, By.STRATEGY, By.PRODUCT, By.ACCOUNT, By.TAG, By.DAY):
            parts = breakdown(history, scope, by)
            assert sum(part.net_paise for part in parts) == whole.money.net_paise, by
            assert sum(part.charges_paise for part in parts) == whole.money.charges_paise, by
        assert [part.name for part in breakdown(history, scope, By.TAG)] == ["breakout", ""]
        one = performance_of(
            scope_for(desk.trader, strategy="orb"), organisation_id=desk.organisation.id, history=history
        )
        tagged = performance_of(
            scope_for(desk.trader, tag="breakout"), organisation_id=desk.organisation.id, history=history
        )
        # What is open of it counts: 60 sold at 104.95 and 40 at 105.00.
        assert tagged.money.net_paise + tagged.money.charges_paise == 60 * 4_95 + 40 * 5_00
        assert (tagged.money.net_paise, tagged.trades.trades) == (one.money.net_paise, 1)
        (orb,) = [part for part in breakdown(history, scope, By.STRATEGY) if part.name == "orb"]
        assert one.money.net_paise == orb.net_paise


def test_a_snapshot_is_the_same_however_often_it_is_taken(desk: Desk) -> None:
    a_round(desk)
    today = clock.trading_date()

    def taken() -> list[tuple[object, ...]]:
        with system_scope():
            assert snapshots_take(first=today - timedelta(days=3), last=today + timedelta(days=3)) >= 1
        with tenant_scope(desk.organisation.id):
            fields = [f.name for f in PerformanceSnapshot._meta.concrete_fields if f.name not in ("id", "taken_at")]
            return list(PerformanceSnapshot.objects.order_by("day").values_list(*fields))

    first = taken()
    assert taken() == first
    with tenant_scope(desk.organisation.id):
        row = PerformanceSnapshot.objects.get(day=today)
        account = TradingAccount.objects.select_related("balance").get(id=desk.account.id)
        money = funds(account)
        assert (row.equity_paise, row.unrealised_paise) == (money.equity_paise, money.unrealised_pnl_paise)
        assert row.equity_paise == row.deposits_paise - row.withdrawals_paise + row.gain_paise
        assert (row.fills, row.open_positions, row.unpriced) == (2, 1, 0)


def test_a_late_change_of_the_past_is_taken_up_by_the_next_run(desk: Desk) -> None:
    today = clock.trading_date()
    with system_scope():
        snapshots_take(first=today, last=today)
    a_round(desk)
    with system_scope():
        snapshots_take(first=today, last=today)
    with tenant_scope(desk.organisation.id):
        assert PerformanceSnapshot.objects.get(day=today).fills == 2


def test_the_command_fills_in_the_past_and_refuses_what_is_no_span(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("take_snapshots", "--all", "--account", str(desk.account.id))
    assert "snapshots taken" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no date"):
        call_command("take_snapshots", "--from", "yesterday")
    with pytest.raises(CommandError, match="before it begins"):
        call_command("take_snapshots", "--from", "2026-02-02", "--to", "2026-02-01")


def test_excursions_and_slippage_come_from_stored_minutes(noon: datetime, desk: Desk) -> None:
    prices = {-2: ("99.00", "101.00", "99.50"), 0: ("97.00", "112.00", "100.00")}
    for minutes, (low, high, close) in prices.items():
        Candle.objects.create(
            instrument=desk.instrument, start=noon + timedelta(minutes=minutes), open=close, high=high, low=low,
            close=close,
        )  # fmt: skip
    a_round(desk)
    with tenant_scope(desk.organisation.id):
        scope = scope_for(desk.trader)
        history = history_of(scope)
        (row,) = trade_rows(history, history.closed(scope), {})
        assert row.excursion is not None
        assert (row.excursion.adverse, row.excursion.favourable) == pytest.approx((-0.03, 0.12))


def test_the_api_lists_closed_trades_and_months_and_the_export_has_what_they_reached(
    noon: datetime, desk: Desk
) -> None:
    for minutes, low, high in ((-1, "97.00", "104.00"), (0, "97.00", "112.00")):
        Candle.objects.create(
            instrument=desk.instrument, start=noon + timedelta(minutes=minutes), open="100", high=high, low=low,
            close="100",
        )  # fmt: skip
    a_round(desk)
    trade(desk, Side.SELL, 40, strategy="orb")
    browser = client_of(make_member(Role.OWNER, desk.organisation).user)
    first: Any = browser.get("/api/v1/analytics/trades?limit=1").json()
    assert (first["count"], first["next_offset"], len(first["results"])) == (2, 1, 1)
    second: Any = browser.get("/api/v1/analytics/trades?limit=1&offset=1").json()
    assert second["next_offset"] is None
    (told,) = second["results"]
    assert (told["symbol"], told["quantity"], told["tag"]) == ("NSE:RELIANCE", 60, "breakout")
    assert Decimal(told["gross_pnl"]) == Decimal("297.00") == Decimal(told["net_pnl"]) + Decimal(told["charges"])
    # Low 97 and high 112 on an entry of 100.
    assert (told["mae"], told["mfe"]) == pytest.approx((-0.03, 0.12))
    assert browser.get("/api/v1/analytics/trades?limit=0").json()["code"] == "invalid_input"
    rows = list(csv.DictReader(io.StringIO(browser.get("/api/v1/analytics/export?table=trades").content.decode())))
    assert [float(row["mae"]) for row in rows] == pytest.approx([-0.03, -0.03])
    months: Any = browser.get("/api/v1/analytics/equity-curve").json()["months"]
    performance: Any = browser.get("/api/v1/analytics/performance").json()
    assert months[-1]["total"] == pytest.approx(performance["returns"])
    assert months[-1]["months"][clock.trading_date().month - 1] == pytest.approx(performance["returns"])


def test_a_trades_page_without_stored_minutes_shows_a_dash(desk: Desk) -> None:
    a_round(desk)
    browser = client_of(make_member(Role.OWNER, desk.organisation).user)
    for page in ("/analytics/", "/analytics/trades/"):
        answer = browser.get(f"{page}?account={desk.account.id}")
        assert answer.status_code == 200
        assert '<td class="num mute">–</td>' in answer.content.decode()


def test_slippage_is_told_against_the_price_that_an_order_was_decided_at(desk: Desk) -> None:
    """By hand: 100 bought at 100.00 decided at 99.60, 60 sold at 104.95 decided at 105.00: ₹40 and ₹3."""
    show_book(ltp="99.60")
    trade(desk, Side.BUY, 100, tag="breakout")
    show_book(bids=(("104.95", 1000),), asks=(("105.00", 1000),), ltp="105.00")
    trade(desk, Side.SELL, 60)
    with tenant_scope(desk.organisation.id):
        found = slippage_of(scope_for(desk.trader))
        assert found == Slippage(2, 43_00, 100 * 99_60 + 60 * 105_00, estimated=0)
        assert found.basis_points == pytest.approx(43_00 / 16_260_00 * 10_000)
        assert slippage_of(scope_for(desk.trader, tag="breakout")).cost_paise == 40_00


def test_orders_from_before_decision_prices_are_measured_against_stored_minutes_and_counted(
    noon: datetime, desk: Desk
) -> None:
    Candle.objects.create(
        instrument=desk.instrument, start=noon - timedelta(minutes=2), open="99.50", high="99.50", low="99.50",
        close="99.50",
    )  # fmt: skip
    a_round(desk)
    with tenant_scope(desk.organisation.id):
        Order.objects.update(decision_price=None)
        found = slippage_of(scope_for(desk.trader))
        assert found == Slippage(2, 100 * 50 - 60 * 545, 160 * 99_50, estimated=2)
        Order.objects.filter(side="BUY").update(decision_price="99.90")
        assert slippage_of(scope_for(desk.trader)).cost_paise == 100 * 10 - 60 * 545


def test_nobody_is_told_of_anothers_account(desk: Desk) -> None:
    stranger = actor_for(make_member(Role.OWNER))
    with tenant_scope(stranger.organisation_id):
        with pytest.raises(NotFound):
            scope_for(stranger, account_id=desk.account.id)
        assert scope_for(stranger).accounts == ()
        assert account_history([desk.account.id]).days == ()
    colleague = make_member(Role.TRADER, desk.organisation)
    browser = client_of(colleague.user)
    assert browser.get(f"/api/v1/analytics/performance?account={desk.account.id}").status_code == 404
    assert browser.get(f"/analytics/?account={desk.account.id}").status_code == 404
    assert client_of(make_member(Role.VIEWER, desk.organisation).user).get("/analytics/").status_code == 403


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("performance?from=2026-02-02&to=2026-02-01", "span_backwards"),
        ("performance?from=yesterday", "invalid_input"),
        ("performance?product=SPOT", "invalid_input"),
        ("pnl-breakdown?by=mood", "invalid_input"),
        ("tax?year=1889", "invalid_input"),
        ("export?table=passwords", "invalid_input"),
    ],
)
def test_bad_input_is_told_apart(desk: Desk, query: str, code: str) -> None:
    answer = client_of(make_member(Role.OWNER, desk.organisation).user).get(f"/api/v1/analytics/{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("span", ["from=0001-01-01", "to=0001-01-01", "from=9999-12-31", "to=9999-12-31"])
def test_the_ends_of_the_calendar_are_days_like_others(desk: Desk, span: str) -> None:
    a_round(desk)
    browser = client_of(make_member(Role.OWNER, desk.organisation).user)
    for page in ("/api/v1/analytics/risk-metrics", "/api/v1/analytics/tear-sheet.pdf", "/analytics/"):
        assert browser.get(f"{page}?{span}").status_code == 200, page
    day = span.partition("=")[2]
    assert browser.get(f"/api/v1/accounts/{desk.account.id}/charges?date={day}").status_code == 200


def test_the_api_tells_the_same_everywhere(desk: Desk) -> None:
    a_round(desk)
    browser = client_of(make_member(Role.OWNER, desk.organisation).user)

    def told(path: str) -> dict[str, object]:
        found: dict[str, object] = browser.get(f"/api/v1/analytics/{path}").json()
        return found

    performance, curve = told("performance"), told("equity-curve")
    assert performance["trades"] == 1
    assert performance["net_pnl"] == curve["points"][-1]["net_pnl"]  # type: ignore[index]
    figures = {each["key"]: each["value"] for each in told("risk-metrics")["figures"]}  # type: ignore[attr-defined]
    assert figures["net_pnl"] == float(str(performance["net_pnl"])) * 100
    parts: Any = told("pnl-breakdown?by=symbol")["results"]
    (part,) = parts
    assert (part["name"], part["net_pnl"]) == ("NSE:RELIANCE", performance["net_pnl"])
    with system_scope():
        snapshots_take(first=clock.trading_date(), last=clock.trading_date())
    rows: Any = told("snapshots")["results"]
    (row,) = rows
    assert (row["equity"], row["net_pnl"]) == (performance["closing"], performance["net_pnl"])
    tax = told("tax")
    assert tax["speculative"]["trades"] == 1  # type: ignore[index]
    assert "not tax advice" in str(tax["disclaimer"])


def test_an_export_is_what_the_pages_show_and_holds_no_formula(desk: Desk) -> None:
    a_round(desk)
    with tenant_scope(desk.organisation.id):
        scope = scope_for(desk.trader)
        history = history_of(scope)
        made = {
            form: export(history, scope, Table.TRADES, form, organisation_id=desk.organisation.id, year=2026)
            for form in Format
        }
    (row,) = csv.DictReader(io.StringIO(made[Format.CSV].decode()))
    assert (row["symbol"], row["quantity"], row["tag"]) == ("NSE:RELIANCE", "60", "breakout")
    assert Decimal(row["gross"]) - Decimal(row["charges"]) == Decimal(row["net"])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(made[Format.XLSX])).get_sheet_by_index(0).to_python()
    assert rows[1][2] == "NSE:RELIANCE"
    assert b"'=cmd()" in _csv(Sheet(("note",), [("=cmd()",)]))


def test_only_who_may_export_takes_files_away(desk: Desk) -> None:
    viewer = client_of(make_member(Role.VIEWER, desk.organisation).user)
    assert viewer.get("/api/v1/analytics/export?table=trades").status_code == 403
    analyst = client_of(make_member(Role.ANALYST, desk.organisation).user)
    answer = analyst.get("/api/v1/analytics/export?table=days&file=xlsx")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]


def note(**changes: object) -> JournalNote:
    said: dict[str, object] = {
        "day": clock.trading_date(),
        "title": "Retest",
        "tags": ("#Breakout", " early-exit "),
    }
    return JournalNote(**(said | changes))  # type: ignore[arg-type]


def test_a_note_on_a_trade_keeps_its_fills_tags_and_rating(desk: Desk) -> None:
    a_round(desk)
    with tenant_scope(desk.organisation.id):
        scope = scope_for(desk.trader)
        (trade_,) = history_of(scope).closed(scope)
        entry = journal_write(
            actor=desk.trader,
            account_id=desk.account.id,
            note=note(rating=4, opened_by=trade_.trip.opened_by, closed_by=trade_.trip.closed_by),
        )
        entry.refresh_from_db()
        assert (entry.instrument_id, entry.rating) == (desk.instrument.pk, 4)
        assert [tag.name for tag in entry.tags.all()] == ["breakout", "early-exit"]
        journal_change(actor=desk.trader, entry_id=entry.id, note=note(tags=("late",)))
        assert [tag.name for tag in entry.tags.all()] == ["late"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "  "}, "invalid_title"),
        ({"rating": 6}, "invalid_rating"),
        ({"day": date(2999, 1, 1)}, "day_to_come"),
        ({"symbol": "NSE:NOBODY"}, "unknown_symbol"),
        ({"opened_by": uuid4()}, "unknown_trade"),
        ({"tags": tuple(f"t{n}" for n in range(11))}, "invalid_tags"),
    ],
)
def test_a_note_that_cannot_be_is_refused_with_its_reason(
    desk: Desk, changes: dict[str, object], code: str
) -> None:
    with tenant_scope(desk.organisation.id):
        with pytest.raises(InvalidInput) as refused:
            journal_write(actor=desk.trader, account_id=desk.account.id, note=note(**changes))
        assert refused.value.code == code
        assert not JournalEntry.objects.exists()


def test_an_entry_is_read_by_who_sees_the_account_and_changed_by_its_author(desk: Desk) -> None:
    with tenant_scope(desk.organisation.id):
        entry = journal_write(actor=desk.trader, account_id=desk.account.id, note=note())
        picture = picture_add(actor=desk.trader, entry_id=entry.id, content=PNG)
        with pytest.raises(PermissionDenied):
            journal_change(actor=desk.owner, entry_id=entry.id, note=note())
    owner = make_member(Role.OWNER, desk.organisation)
    answer = client_of(owner.user).get(f"/analytics/pictures/{picture.id}/")
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/png", PNG)
    assert answer["X-Content-Type-Options"] == "nosniff"
    for outsider in (make_member(Role.TRADER, desk.organisation), make_member(Role.OWNER)):
        assert client_of(outsider.user).get(f"/analytics/pictures/{picture.id}/").status_code == 404
        assert client_of(outsider.user).get(f"/api/v1/analytics/journal/{entry.id}").status_code == 404
    assert Client().get(f"/analytics/pictures/{picture.id}/").status_code == 302
    with tenant_scope(desk.organisation.id):
        picture_delete(actor=desk.trader, picture_id=picture.id)
        assert not JournalPicture.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (b"GIF89a", "not_a_picture"),
        (PNG[:20], "not_a_picture"),
        (b"RIFF\x08\x00\x00\x00WEBPVP8X", "not_a_picture"),
        (PNG[:16] + b"\x00\x00\xff\xff" + PNG[20:], "picture_too_large"),
        (PNG + b"0" * 1_500_000, "picture_too_large"),
    ],
)
def test_only_pictures_of_a_known_type_and_size_are_kept(desk: Desk, content: bytes, code: str) -> None:
    with tenant_scope(desk.organisation.id):
        entry = journal_write(actor=desk.trader, account_id=desk.account.id, note=note())
        with pytest.raises(InvalidInput) as refused:
            picture_add(actor=desk.trader, entry_id=entry.id, content=content)
        assert refused.value.code == code


def test_the_journal_is_searched_by_words_of_title_text_tags_and_symbol(desk: Desk) -> None:
    with tenant_scope(desk.organisation.id):
        for title, text, tags in (
            ("Patience", "Waited for the RANGE to break.", ("breakout",)),
            ("Too early", "The range held.", ("mistake",)),
        ):
            note = JournalNote(day=clock.trading_date(), title=title, text=text, tags=tags)
            journal_write(actor=desk.trader, account_id=desk.account.id, note=note)
    browser = client_of(make_member(Role.OWNER, desk.organisation).user)

    def found(words: str) -> list[str]:
        rows: Any = browser.get("/api/v1/analytics/journal", {"q": words}).json()["results"]
        page = browser.get("/analytics/journal/", {"q": words, "account": str(desk.account.id)}).content.decode()
        titles = [row["title"] for row in rows]
        assert all(title in page for title in titles)
        return sorted(titles)

    assert found("range") == ["Patience", "Too early"]
    assert found("RANGE mist") == ["Too early"]
    assert found("breakout patience") == ["Patience"]
    assert found("100%_") == []


def test_an_entry_has_so_many_pictures_and_no_more(desk: Desk) -> None:
    with tenant_scope(desk.organisation.id):
        entry = journal_write(actor=desk.trader, account_id=desk.account.id, note=note())
        for _ in range(6):
            picture_add(actor=desk.trader, entry_id=entry.id, content=PNG)
        with pytest.raises(Conflict) as refused:
            picture_add(actor=desk.trader, entry_id=entry.id, content=PNG)
        assert refused.value.code == "too_many_pictures"


def test_conventions_hold_for_every_figure_of_their_organisation_alone(desk: Desk) -> None:
    a_round(desk)
    make_instrument("NSE:NIFTY", instrument_type="INDEX")
    with tenant_scope(desk.organisation.id):
        owner = desk.owner
        conventions_set(
            actor=owner, periods_per_year=250, risk_free=Decimal("0.07"), confidence=Decimal("0.99"),
            index_key="NSE:NIFTY",
        )  # fmt: skip
        report = performance_of(scope_for(owner), organisation_id=desk.organisation.id)
        assert (report.conventions.periods_per_year, report.conventions.confidence) == (250, 0.99)
        with pytest.raises(InvalidInput) as refused:
            conventions_set(
                actor=owner, periods_per_year=12, risk_free=Decimal(0), confidence=Decimal("0.9"),
                index_key="NSE:NIFTY",
            )  # fmt: skip
        assert refused.value.code == "invalid_periods_per_year"
        with pytest.raises(PermissionDenied):
            conventions_set(
                actor=desk.trader, periods_per_year=250, risk_free=Decimal(0), confidence=Decimal("0.9"),
                index_key="NSE:NIFTY",
            )  # fmt: skip
    with tenant_scope(make_member(Role.OWNER).organisation_id):
        assert not ReportingConventions.objects.exists()

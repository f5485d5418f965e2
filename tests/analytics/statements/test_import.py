"""Statements beside the book: kept once, told apart by account and tenant, held against our own trades."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.domain.permissions import Role
from accounts.models import AuditEntry
from analytics.domain.statements import StatementKind
from analytics.domain.statements.reconcile import DifferenceKind
from analytics.models import Statement, StatementFault, StatementHolding, StatementLine, StatementTrade
from analytics.selectors.statements import comparison_of, statement_get, statements_for
from analytics.services.statements import statement_delete, statement_import
from analytics.services.statements.opening import Way
from core import clock
from core.errors import InvalidInput, NotFound, PermissionDenied
from core.tenancy import tenant_scope
from tests.analytics.statements.conftest import TRADEBOOK, csv_of, deal, tradebook
from tests.factories import actor_for, make_member
from tests.orders.desk import Desk
from trading.brokers.domain.terms import Product, Side

AS_IT_IS = Way()


def bring(desk: Desk, content: bytes, way: Way = AS_IT_IS, **more: object):
    return statement_import(
        actor=desk.trader, account_id=desk.account.id, file_name="file.csv", content=content, way=way, **more
    )


def test_a_tradebook_that_agrees_with_our_fills_has_no_differences(desk: Desk) -> None:
    fills = deal(desk, quantity=30) + deal(desk, Side.SELL, 10)
    statement = bring(desk, tradebook(fills)).statement
    assert (statement.kind, statement.rows, statement.repeated) == ("TRADES", len(fills), 0)
    assert {row.instrument for row in StatementTrade.objects.select_related("instrument")} == {desk.instrument}
    comparison = comparison_of(statement)
    assert comparison.trades is not None
    assert (comparison.trades.matched, comparison.agrees) == (len(fills), True)


def test_the_same_file_and_the_same_rows_are_kept_once(desk: Desk) -> None:
    first, second = deal(desk), deal(desk, Side.SELL)
    content = tradebook(first)
    statement = bring(desk, content).statement
    again = bring(desk, content)
    assert (again.is_new, again.statement.pk) == (False, statement.pk)
    wider = bring(desk, tradebook(first + second)).statement
    assert (wider.rows, wider.repeated) == (len(second), len(first))
    assert StatementTrade.objects.count() == len(first) + len(second)
    assert comparison_of(wider).agrees


def test_two_equal_trades_of_one_file_are_two_also_in_the_next_file(desk: Desk) -> None:
    today = clock.trading_date().isoformat()
    row = [desk.instrument.symbol, "", today, "NSE", "EQ", "buy", "5", "100", "", "", f"{today}T09:20:00"]
    assert bring(desk, csv_of([TRADEBOOK, row, row])).statement.rows == 2
    later = bring(desk, csv_of([TRADEBOOK, row, row, row])).statement
    assert (later.rows, later.repeated) == (1, 2)


def test_differences_name_the_side_that_lacks_a_trade_and_the_one_that_differs(desk: Desk) -> None:
    known, unknown = deal(desk), deal(desk, Side.SELL, 4)
    told = tradebook(known, price="90.000000")
    comparison = comparison_of(bring(desk, told).statement)
    assert comparison.trades is not None
    kinds = {each.kind: each for each in comparison.trades.differences}
    assert kinds.keys() == {DifferenceKind.DIFFERENT, DifferenceKind.NOT_THERE}
    assert kinds[DifferenceKind.NOT_THERE].quantity_gap == -sum(fill.quantity for fill in unknown)
    assert not comparison.agrees


def test_a_file_with_rows_that_cannot_be_read_leaves_nothing_unless_they_may_be_left_out(desk: Desk) -> None:
    today = clock.trading_date().isoformat()
    good = ["TCS", "", today, "NSE", "EQ", "buy", "5", "100", "7", "8", f"{today}T09:20:00"]
    bad = [*good[:6], "five", *good[7:]]
    content = csv_of([TRADEBOOK, good, bad])
    with pytest.raises(InvalidInput) as refusal:
        bring(desk, content)
    assert refusal.value.code == "rows_faulty"
    assert refusal.value.errors["file"] == ["Row 3: 'five' is not a number (bad_number)"]
    assert not Statement.objects.exists()
    statement = bring(desk, content, leave_out_faults=True).statement
    assert (statement.rows, StatementFault.objects.get().row) == (1, 3)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["a", "b"]], "statement_unknown"),
        ([TRADEBOOK], "statement_without_rows"),
        ([TRADEBOOK, ["TCS", "", "2099-01-04", "NSE", "EQ", "buy", "5", "100", "7", "8", ""]], "day_in_future"),
    ],
)
def test_files_that_make_no_sense_are_refused(desk: Desk, rows: list[list[str]], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        bring(desk, csv_of(rows))
    assert refusal.value.code == code


def test_a_ledger_is_held_against_our_cash_at_the_end_of_its_last_day(desk: Desk) -> None:
    today = clock.trading_date()
    header = ["particulars", "posting_date", "cost_center", "voucher_type", "debit", "credit", "net_balance"]
    lines = [
        [
            "Funds added",
            (today - timedelta(days=1)).isoformat(),
            "NSE-EQ",
            "Bank Receipts",
            "0",
            "999000",
            "999000",
        ],
        ["Funds added", today.isoformat(), "NSE-EQ", "Bank Receipts", "0", "1000", "1000000"],
    ]
    for order in (lines, lines[::-1]):
        Statement.objects.all().delete()
        statement = bring(desk, csv_of([header, *order])).statement
        gap = comparison_of(statement).ledger
        assert gap is not None
        assert (gap.day, gap.told, gap.ours) == (today, Decimal(1_000_000), Decimal(1_000_000))
    assert StatementLine.objects.count() == 2


def test_holdings_are_held_against_what_was_delivered(desk: Desk) -> None:
    deal(desk, quantity=10, product=Product.DELIVERY)
    day = clock.trading_date()
    header = ["Symbol", "ISIN", "Quantity Available", "Average Price", "Previous Closing Price"]
    way = Way(day=day)
    same = bring(desk, csv_of([header, [desk.instrument.symbol, "", "10", "100", "100"]]), way).statement
    assert comparison_of(same).agrees
    StatementHolding.objects.all().delete()
    Statement.objects.all().delete()
    rows = [[desk.instrument.symbol, "", "7", "100", "100"], ["UNHEARD", "", "3", "1", "1"]]
    comparison = comparison_of(bring(desk, csv_of([header, *rows]), way).statement)
    assert [(gap.symbol, gap.told, gap.ours) for gap in comparison.holdings or ()] == [
        (desk.instrument.key, 7, 10),
        ("UNHEARD", 3, 0),
    ]


def test_a_contract_notes_charges_are_held_against_ours_within_a_rupee(desk: Desk) -> None:
    fills = deal(desk)
    day = clock.trading_date()
    header = ["Order No.", "Trade No.", "Trade Time", "Security/Contract Description", "Buy(B) / Sell(S)"]
    header += ["Quantity", "Gross Rate / Trade Price Per Unit (Rs)"]
    name = f"{desk.instrument.symbol} - EQ"
    rows = [["1", each.broker_trade_id[:40], "10:00:00", name, "B", each.quantity, each.price] for each in fills]
    foot: list[list[object]] = [["Securities transaction tax", -sum(each.stt_paise for each in fills) / 100]]
    foot.append(["Stamp duty", "500.00"])
    content = csv_of([["Trade Date:", day.strftime("%d-%m-%Y")], header, *rows, [], *foot])
    comparison = comparison_of(bring(desk, content).statement)
    assert comparison.trades is not None
    assert not comparison.trades.differences
    gaps = {line.name: line for line in comparison.charges}
    assert gaps["stt"].agrees
    assert gaps["brokerage"].told is None
    assert gaps["brokerage"].agrees
    assert not gaps["stamp"].agrees


def test_a_mapping_of_ones_own_reads_a_brokers_file_that_no_format_knows(desk: Desk) -> None:
    (fill, *_) = deal(desk)
    day = clock.trading_date(fill.traded_at)
    content = csv_of(
        [
            ["When", "What", "Way", "How many", "At"],
            [day.strftime("%d/%m/%Y"), fill.instrument.symbol, "B", fill.quantity, fill.price],
        ]
    )
    mapping = {"date": "When", "symbol": "What", "side": "Way", "quantity": "How many", "price": "At"}
    statement = bring(desk, content, Way(kind=StatementKind.TRADES, mapping=mapping)).statement
    assert statement.format == "generic"
    assert comparison_of(statement).agrees


def test_an_outsider_finds_no_account_and_no_statement(desk: Desk) -> None:
    statement = bring(desk, tradebook(deal(desk))).statement
    stranger = make_member(Role.OWNER)
    with tenant_scope(stranger.organisation_id):
        actor = actor_for(stranger)
        assert not statements_for(actor).exists()
        for act in (
            lambda: statement_get(actor, statement.id),
            lambda: statement_delete(actor=actor, statement_id=statement.id),
            lambda: statement_import(
                actor=actor, account_id=desk.account.id, file_name="f", content=b"a", way=AS_IT_IS
            ),
        ):
            with pytest.raises(NotFound):
                act()


def test_a_team_mate_without_the_right_may_look_but_not_import_or_delete(desk: Desk) -> None:
    statement = bring(desk, tradebook(deal(desk))).statement
    analyst = actor_for(make_member(Role.ANALYST, desk.organisation))
    assert statement_get(analyst, statement.id) == statement
    with pytest.raises(PermissionDenied):
        statement_delete(actor=analyst, statement_id=statement.id)
    with pytest.raises(PermissionDenied):
        statement_import(actor=analyst, account_id=desk.account.id, file_name="f", content=b"a", way=AS_IT_IS)


def test_a_deleted_statement_takes_its_rows_with_it_and_can_come_again(desk: Desk) -> None:
    content = tradebook(deal(desk))
    statement = bring(desk, content).statement
    statement_delete(actor=desk.trader, statement_id=statement.id)
    assert not StatementTrade.objects.exists()
    assert bring(desk, content).is_new
    actions = AuditEntry.objects.filter(object_type="statement").order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["statement.imported", "statement.deleted", "statement.imported"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": "9999999999999"}, "bad_number"),
        ({"price": "999999999999.9999999"}, "bad_number"),
        ({"price": "0.0000001"}, "bad_price"),
        ({"quantity": "1" + "0" * 40}, "bad_number"),
    ],
)
def test_a_number_that_no_row_can_hold_is_a_fault_of_its_row(
    desk: Desk, changes: dict[str, object], code: str
) -> None:
    content = tradebook(deal(desk)) + tradebook(deal(desk, Side.SELL), **changes).split(b"\n", 1)[1]
    with pytest.raises(InvalidInput) as refused:
        bring(desk, content)
    assert refused.value.code == "rows_faulty"
    statement = bring(desk, content, leave_out_faults=True).statement
    assert {fault.code for fault in StatementFault.objects.all()} == {code}
    assert comparison_of(statement).trades is not None


def test_a_null_character_is_left_out_of_what_is_kept(desk: Desk) -> None:
    fills = deal(desk)
    text = tradebook(fills, order_id="11\x0022").decode()
    assert bring(desk, text.encode("utf-16")).statement.rows == len(fills)
    assert {row.order_id for row in StatementTrade.objects.all()} == {"1122"}

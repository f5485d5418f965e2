"""A resident's year: what is declared where, at which rate, and how turnover is counted."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.domain.book import BookLine, PositionKey
from analytics.domain.tax.classify import Head, declared
from analytics.domain.tax.rates import GainsRate, Term, financial_year, held_longer, rate_on, year_span
from analytics.domain.tax.report import tax_report

SHARE, FUTURE = 1, 2
RATES = [
    GainsRate(Term.SHORT, date(2008, 4, 1), Decimal("0.15"), Decimal(0), 12, "s. 111A"),
    GainsRate(Term.SHORT, date(2024, 7, 23), Decimal("0.20"), Decimal(0), 12, "s. 111A"),
    GainsRate(Term.LONG, date(2018, 4, 1), Decimal("0.10"), Decimal(100_000), 12, "s. 112A"),
    GainsRate(Term.LONG, date(2024, 7, 23), Decimal("0.125"), Decimal(125_000), 12, "s. 112A"),
]


def line(day: date, quantity: int, price: int, *, instrument: int = SHARE, product: str = "DELIVERY",
         charges: int = 0, stt: int = 0, minute: int = 0, strategy: str = "") -> BookLine:  # fmt: skip
    return BookLine(
        at=datetime(day.year, day.month, day.day, 5, tzinfo=UTC) + timedelta(minutes=minute), day=day,
        position=PositionKey(UUID(int=1), instrument, product, strategy), kind="FILL", quantity=quantity,
        value_paise=abs(quantity) * price * 100, charges_paise=charges, stt_paise=stt, price=Decimal(price),
        ref=f"{day}-{minute}-{quantity}", order=f"{day}-{minute}-{quantity}",
    )  # fmt: skip


def heads(lines: Sequence[BookLine]) -> list[tuple[Head, int, int]]:
    found = declared(lines, frozenset({FUTURE}))
    return [(each.head, each.trip.quantity, each.result_paise) for each in found.trades]


def test_shares_bought_and_sold_on_one_day_are_speculative_whatever_the_product() -> None:
    day = date(2026, 5, 4)
    lines = [line(day, 10, 100, charges=7), line(day, -10, 105, charges=9, minute=5)]
    assert heads(lines) == [(Head.SPECULATIVE, 10, 5_000 - 16)]


def test_what_a_day_bought_is_sold_before_what_was_held() -> None:
    lines = [
        line(date(2026, 5, 4), 10, 100),
        line(date(2026, 5, 11), 5, 120),
        line(date(2026, 5, 11), -8, 130, minute=5),
    ]
    assert heads(lines) == [(Head.SPECULATIVE, 5, 5_000), (Head.GAINS, 3, 9_000)]
    (held,) = declared(lines, frozenset()).held
    assert held.quantity == 7


def test_delivered_shares_are_first_in_first_out_across_products_and_strategies() -> None:
    lines = [
        line(date(2026, 5, 4), 10, 100, strategy="a"),
        line(date(2026, 5, 5), 10, 200, product="MTF"),
        line(date(2026, 5, 11), -15, 300, minute=5, product="MTF"),
    ]
    assert heads(lines) == [(Head.GAINS, 10, 200_000), (Head.GAINS, 5, 50_000)]


def test_securities_transaction_tax_is_a_cost_of_a_business_and_none_of_a_gain() -> None:
    bought, sold = date(2026, 5, 4), date(2026, 5, 11)
    delivered = [line(bought, 10, 100, charges=70, stt=10), line(sold, -10, 110, charges=90, stt=20)]
    assert heads(delivered) == [(Head.GAINS, 10, 10_000 - (160 - 30))]
    futures = [
        line(bought, 10, 100, charges=70, stt=10, instrument=FUTURE, product="NORMAL"),
        line(sold, -10, 110, charges=90, stt=20, instrument=FUTURE, product="NORMAL"),
    ]
    assert heads(futures) == [(Head.BUSINESS, 10, 10_000 - 160)]


def test_turnover_is_the_sum_of_all_differences_without_their_signs() -> None:
    day = date(2026, 5, 4)
    lines = [
        line(day, 10, 100, instrument=FUTURE, product="NORMAL"),
        line(day, -10, 110, instrument=FUTURE, product="NORMAL", minute=1),
        line(day, 10, 100, instrument=FUTURE, product="NORMAL", minute=2),
        line(day, -10, 96, instrument=FUTURE, product="NORMAL", minute=3, charges=50),
    ]
    report = tax_report(2026, declared(lines, frozenset({FUTURE})).trades, RATES)
    assert (report.business.turnover_paise, report.business.result_paise) == (14_000, 6_000 - 50)
    assert (report.label, report.turnover_paise, report.speculative.trades) == ("2026-27", 14_000, 0)


def test_a_year_with_two_rates_taxes_each_sale_at_its_own() -> None:
    lines = [
        line(date(2024, 5, 2), 20, 100),
        line(date(2024, 7, 22), -10, 200, minute=1),
        line(date(2024, 7, 23), -10, 300, minute=2),
    ]
    report = tax_report(2024, declared(lines, frozenset()).trades, RATES)
    assert report.short_term.by_rate == ((Decimal("0.20"), 200_000), (Decimal("0.15"), 100_000))
    assert report.short_term.tax_paise == 40_000 + 15_000


def test_the_years_exemption_is_taken_off_long_term_gains_from_the_highest_rate_down() -> None:
    lines = [
        line(date(2022, 5, 2), 4_000, 100),
        line(date(2024, 5, 2), -2_000, 150, minute=1),
        line(date(2024, 8, 1), -2_000, 150, minute=2),
    ]
    long_term = tax_report(2024, declared(lines, frozenset()).trades, RATES).long_term
    # ₹1,00,000 at 12.5 % and as much at 10 %, of which ₹1,25,000 are exempt.
    assert (long_term.net_paise, long_term.exemption_paise, long_term.taxable_paise) == (
        2_00_000_00, 1_25_000_00, 75_000_00,
    )  # fmt: skip
    assert long_term.tax_paise == 7_500_00


def test_losses_are_set_off_within_the_term_and_never_taxed() -> None:
    lines = [
        line(date(2026, 5, 4), 20, 100),
        line(date(2026, 6, 4), -10, 150),
        line(date(2026, 6, 5), -10, 40),
    ]
    short_term = tax_report(2026, declared(lines, frozenset()).trades, RATES).short_term
    assert (short_term.net_paise, short_term.taxable_paise, short_term.tax_paise) == (-10_000, 0, 0)


@pytest.mark.parametrize(
    ("bought", "sold", "is_long"),
    [
        (date(2025, 1, 15), date(2026, 1, 15), False),
        (date(2025, 1, 15), date(2026, 1, 16), True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (date(2024, 2, 29), date(2025, 3, 1), True),
    ],
)
def test_long_term_is_held_for_more_than_twelve_months(bought: date, sold: date, is_long: bool) -> None:
    assert held_longer(bought, sold, 12) is is_long


def test_rates_are_dated_and_a_year_begins_in_april() -> None:
    assert rate_on(RATES, Term.SHORT, date(2024, 7, 22)) == RATES[0]
    assert rate_on(RATES, Term.LONG, date(2018, 3, 31)) is None
    assert (financial_year(date(2026, 3, 31)), financial_year(date(2026, 4, 1))) == (2025, 2026)
    assert year_span(2026) == (date(2026, 4, 1), date(2027, 3, 31))


fills = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 30), st.integers(1, 500)), min_size=1, max_size=25)


@given(fills)
def test_however_shares_are_traded_the_heads_together_carry_all_the_money(
    rows: list[tuple[int, int, int]],
) -> None:
    held, day, lines = 0, date(2026, 4, 6), []
    for number, (wait, units, price) in enumerate(rows):
        day += timedelta(days=wait)
        # Delivery is never short: what is not held is bought.
        quantity = -min(units, held) if number % 2 and held else units
        held += quantity
        lines.append(line(day, quantity, price, charges=number, stt=number // 2, minute=number))
    if held:
        lines.append(line(day + timedelta(days=1), -held, 77, minute=99))
    found = declared(lines, frozenset())
    assert found.held == ()
    assert sum(each.trip.gross_paise for each in found.trades) == sum(
        -each.quantity * (each.price or 0) * 100 for each in lines
    )
    assert sum(each.trip.charges_paise for each in found.trades) == sum(each.charges_paise for each in lines)


def test_a_whole_year_worked_by_hand() -> None:
    """The financial year 2024-25 with every head, both rates of either term, and sales of the years beside it.

    Amounts in rupees:
    - speculative: +200 and -300 before charges of 10 each: result -120, turnover 500;
    - futures: +7,500 and -2,250 before charges of 300 and 200: result 4,750, turnover 9,750;
    - short term: 100 x 60 = 6,000 at 15% (22 July), 100 x 20 = 2,000 at 20% (2 December): tax 900 + 400;
    - long term: 600 x 100 = 60,000 at 10% (10 June), 400 x 250 = 100,000 at 12.5% (10 September), of which the
      exemption of 1,25,000 takes the dearer 1,00,000 and 25,000 of the cheaper: 35,000 at 10% = 3,500.
    """
    held, swing, day_trade = 1, 3, 4
    lines = [
        line(date(2023, 5, 10), 1_000, 200, instrument=held),
        line(date(2024, 3, 28), 10, 100, instrument=day_trade),
        line(date(2024, 3, 28), -10, 150, instrument=day_trade, minute=5),
        line(date(2024, 5, 2), 100, 500, instrument=swing),
        line(date(2024, 6, 10), -600, 300, instrument=held),
        line(date(2024, 7, 22), -100, 560, instrument=swing),
        line(date(2024, 8, 1), 100, 500, instrument=swing),
        line(date(2024, 9, 10), -400, 450, instrument=held),
        line(date(2024, 10, 1), 50, 100, instrument=day_trade, charges=500),
        line(date(2024, 10, 1), -50, 104, instrument=day_trade, charges=500, minute=5),
        line(date(2024, 10, 3), -30, 110, instrument=day_trade, charges=400),
        line(date(2024, 10, 3), 30, 120, instrument=day_trade, charges=600, minute=5),
        line(date(2024, 11, 4), 75, 24_000, instrument=FUTURE, product="NORMAL", charges=15_000),
        line(date(2024, 11, 6), -75, 24_100, instrument=FUTURE, product="NORMAL", charges=15_000),
        line(date(2024, 11, 8), 75, 24_100, instrument=FUTURE, product="NORMAL", charges=10_000),
        line(date(2024, 11, 11), -75, 24_070, instrument=FUTURE, product="NORMAL", charges=10_000),
        line(date(2024, 12, 2), -100, 520, instrument=swing),
        line(date(2025, 4, 2), 10, 100, instrument=FUTURE, product="NORMAL"),
        line(date(2025, 4, 3), -10, 900, instrument=FUTURE, product="NORMAL"),
    ]
    year = tax_report(2024, declared(lines, frozenset({FUTURE})).trades, RATES)
    assert year.label == "2024-25"
    speculative, business = year.speculative, year.business
    assert (speculative.trades, speculative.result_paise, speculative.turnover_paise) == (2, -120_00, 500_00)
    assert (business.trades, business.result_paise, business.turnover_paise) == (2, 4_750_00, 9_750_00)
    assert year.turnover_paise == 10_250_00
    short, long = year.short_term, year.long_term
    assert short.by_rate == ((Decimal("0.20"), 2_000_00), (Decimal("0.15"), 6_000_00))
    assert (short.net_paise, short.taxable_paise, short.tax_paise) == (8_000_00, 8_000_00, 1_300_00)
    assert long.by_rate == ((Decimal("0.125"), 1_00_000_00), (Decimal("0.10"), 60_000_00))
    assert (long.net_paise, long.exemption_paise) == (1_60_000_00, 1_25_000_00)
    assert (long.taxable_paise, long.tax_paise) == (35_000_00, 3_500_00)
    assert (short.sales_paise, long.sales_paise) == (1_08_000_00, 3_60_000_00)

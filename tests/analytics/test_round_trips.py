from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from analytics.domain.calendar import net_in_paise
from analytics.domain.round_trips import Dealt, RoundTrip, round_trips
from analytics.domain.trade_figures import trade_figures

START = datetime(2026, 11, 20, 4, tzinfo=UTC)


def dealt(minute: int, quantity: int, price: str, charges: int = 0) -> Dealt:
    return Dealt(START + timedelta(minutes=minute), quantity, Decimal(price), charges)


def test_the_first_bought_is_the_first_sold() -> None:
    fills = [dealt(0, 10, "100", 7), dealt(1, 10, "110", 9), dealt(2, -15, "120", 5)]
    first, second = round_trips(fills)
    assert first == RoundTrip(START, START + timedelta(minutes=2), 10, Decimal(100), Decimal(120), 7 + 3)
    assert (second.quantity, second.entry_price, second.charges_paise) == (5, Decimal(110), 4 + 2)
    assert (first.net_paise, second.net_paise) == (20_000 - 10, 5_000 - 6)


def test_a_fill_that_turns_a_position_around_ends_one_trade_and_begins_another() -> None:
    found = round_trips([dealt(0, 5, "100"), dealt(1, -8, "90"), dealt(2, 3, "95")])
    assert [(each.quantity, each.gross_paise) for each in found] == [(5, -5_000), (-3, -1_500)]
    assert found[1].held == timedelta(minutes=1)


def test_half_a_paisa_is_told_apart_from_the_noise_of_a_mean_price() -> None:
    """Half of 350 units that came to ₹100.05: by 28 digits of their mean a little more than 5,002.5 paise."""
    trip = RoundTrip(START, START, 175, Decimal(0), Decimal("100.05") / 350, 0)
    assert trip.net_paise > Decimal("5002.5")
    assert net_in_paise(trip) == 5002


fills = st.lists(
    st.tuples(
        st.integers(-50, 50).filter(bool), st.integers(1, 100_000).map(lambda paise: Decimal(paise) / 100),
        st.integers(0, 5_000),
    ),
    max_size=40,
)  # fmt: skip


@given(fills)
def test_no_paisa_and_no_unit_is_lost(rows: list[tuple[int, Decimal, int]]) -> None:
    # Closing the rest makes the whole history round trips, so cash in and out has to come out the same.
    net = sum(quantity for quantity, _, _ in rows)
    rows = [*rows, (-net, Decimal(77), 13)] if net else rows
    found = round_trips([Dealt(START + timedelta(minutes=at), *row) for at, row in enumerate(rows)])
    cash = -sum(quantity * price * 100 for quantity, price, _ in rows)
    assert sum(each.gross_paise for each in found) == cash
    assert sum(each.charges_paise for each in found) == sum(charges for _, _, charges in rows)
    assert sum(abs(each.quantity) for each in found) * 2 == sum(abs(quantity) for quantity, _, _ in rows)
    assert all(each.held >= timedelta(0) for each in found)


def test_figures_of_trades() -> None:
    figures = trade_figures([500, -200, 300, 0, -100, -100, 50], [timedelta(minutes=10), timedelta(minutes=20)])
    assert (figures.trades, figures.wins, figures.losses, figures.net_paise) == (7, 3, 3, 450)
    assert figures.win_rate == Fraction(3, 7)
    assert figures.profit_factor == Fraction(850, 400)
    assert figures.payoff == Fraction(850, 3) / Fraction(400, 3)
    assert figures.expectancy_paise == Fraction(450, 7)
    assert (figures.best_paise, figures.worst_paise) == (500, -200)
    assert (figures.longest_wins, figures.longest_losses) == (1, 2)
    assert figures.mean_held == timedelta(minutes=15)


def test_figures_of_no_trades_divide_by_nothing() -> None:
    figures = trade_figures([])
    assert (figures.win_rate, figures.profit_factor, figures.payoff, figures.expectancy_paise) == (None,) * 4
    assert (figures.best_paise, figures.mean_held) == (0, None)

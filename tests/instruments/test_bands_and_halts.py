"""Price bands, circuit breakers and halts."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.instruments.domain.bands import BandTerms, price_band
from trading.instruments.domain.breakers import BreakerTerms, breaker_halt
from trading.instruments.domain.sessions import IST, Phase, Segment
from trading.instruments.models import BandRule, Instrument, TradingHalt
from trading.instruments.process_cache import forget_reference_data
from trading.instruments.selectors import band_terms, breaker_rules, market_status, segment_session_at, session_at
from trading.instruments.services import trading_halt

TICK = Decimal("0.05")
FIXED = BandTerms(Decimal(5))
DYNAMIC = BandTerms(Decimal(10), Decimal(5))


@pytest.mark.parametrize(
    ("terms", "low", "high", "expected"),
    [
        (FIXED, "99", "101", ("95.00", "105.00", "5")),
        (FIXED, "95", "105", ("95.00", "105.00", "5")),
        (FIXED, "99", "106", ("90.00", "110.00", "10")),
        (FIXED, "70", "101", None),
        (DYNAMIC, "99", "110", ("90.00", "110.00", "10")),
        (DYNAMIC, "99", "110.05", ("85.00", "115.00", "15")),
        (DYNAMIC, "70", "101", ("70.00", "130.00", "30")),
        (BandTerms(None), "99", "101", None),
    ],
    ids=["fixed", "at its edge", "revised", "removed", "dynamic", "flexed once", "flexed four times", "none"],
)
def test_a_band_is_measured_from_the_previous_close_and_holds_what_has_traded(
    terms: BandTerms, low: str, high: str, expected: tuple[str, str, str] | None
) -> None:
    band = price_band(
        terms, previous_close=Decimal(100), day_low=Decimal(low), day_high=Decimal(high), tick_size=TICK
    )
    assert (band and (f"{band.low:.2f}", f"{band.high:.2f}", f"{band.percent:f}")) == expected


def test_without_a_previous_close_there_is_no_band() -> None:
    assert price_band(FIXED, previous_close=Decimal(0), day_low=TICK, day_high=TICK, tick_size=TICK) is None


@given(st.sampled_from([FIXED, DYNAMIC]), st.integers(20, 10**6), st.integers(1, 10**6), st.integers(0, 10**5))
def test_a_band_is_on_the_tick_and_holds_the_close_and_the_day(
    terms: BandTerms, close: int, low: int, span: int
) -> None:
    previous, day_low, day_high = close * TICK, low * TICK, (low + span) * TICK
    band = price_band(terms, previous_close=previous, day_low=day_low, day_high=day_high, tick_size=TICK)
    if band is not None:
        assert band.low % TICK == band.high % TICK == 0
        assert all(band.holds(price) for price in (previous, day_low, day_high))


def ist(hour: int, minute: int, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=IST).astimezone(UTC)


@pytest.mark.parametrize(
    ("move", "at", "halted", "level", "minutes"),
    [
        ("-9.99", ist(10, 0), [], None, None),
        ("-10", ist(10, 0), [], "10", 60),
        ("10.5", ist(12, 59), [], "10", 60),
        ("-10", ist(13, 0), [], "10", 30),
        ("-10", ist(14, 30), [], None, None),
        ("-15", ist(12, 0), ["10"], "15", 120),
        ("-15", ist(13, 30), ["10"], "15", 60),
        ("-15", ist(14, 10), ["10"], "15", None),
        ("-20", ist(10, 0), ["10", "15"], "20", None),
        ("-21", ist(10, 0), [], "20", None),
        ("-10", ist(11, 0), ["10"], None, None),
        ("-12", ist(11, 0), ["15"], None, None),
    ],
)
def test_breakers_halt_by_the_table_once_a_level(
    db: None, move: str, at: datetime, halted: list[str], level: str | None, minutes: int | None
) -> None:
    halt = breaker_halt(
        breaker_rules(), move_percent=Decimal(move), at=at, halted=[Decimal(each) for each in halted]
    )
    if level is None:
        assert halt is None
        return
    assert halt is not None
    assert halt.level == Decimal(level)
    ends = ist(0, 0, day=21) if minutes is None else at + timedelta(minutes=minutes)
    assert halt.ends_at == ends


def test_the_latest_table_counts() -> None:
    def rule(minutes: int, valid_from: date) -> BreakerTerms:
        return BreakerTerms(Decimal(10), time(9), time(16), minutes, 0, valid_from)

    rules = [rule(45, date(2013, 10, 1)), rule(5, date(2026, 1, 1))]
    found = breaker_halt(rules, move_percent=Decimal(11), at=ist(10, 0), halted=[])
    assert found is not None
    assert found.ends_at == ist(10, 5)
    assert breaker_halt(rules, move_percent=Decimal(11), at=datetime(2010, 1, 4, 5, tzinfo=UTC), halted=[]) is None


def equity(symbol: str = "RELIANCE", **values: object) -> Instrument:
    instrument: Instrument = Instrument.objects.create(
        key=f"NSE:{symbol}",
        exchange="NSE",
        symbol=symbol,
        name=symbol,
        instrument_type="EQ",
        tick_size=TICK,
        **values,
    )
    return instrument


def test_an_instruments_own_rule_stands_before_its_segments_and_begins_on_its_day(db: None) -> None:
    plain, own, futures = equity(), equity("OWN"), equity("FNO", has_derivatives=True)
    BandRule.objects.create(instrument=own, percent=Decimal(2), valid_from=date(2026, 11, 19))
    forget_reference_data()
    assert band_terms(plain, date(2026, 11, 20)).percent == 20
    assert band_terms(own, date(2026, 11, 20)).percent == 2
    assert band_terms(own, date(2026, 11, 18)).percent == 20
    assert band_terms(futures, date(2026, 11, 20)) == DYNAMIC


def test_a_halt_stands_in_for_the_session_and_gives_it_back(db: None) -> None:
    halted, other = equity(), equity("OTHER")
    trading_halt(starts_at=ist(10, 0), ends_at=ist(10, 45), reason="news pending", instrument=halted)
    before, during, after = (session_at(halted, at) for at in (ist(9, 59), ist(10, 0), ist(10, 45)))
    assert (before.phase, during.phase, after.phase) == (Phase.CONTINUOUS, Phase.HALTED, Phase.CONTINUOUS)
    assert not during.is_open
    assert during.reason == "halted: news pending, until 10:45"
    assert during.opens_at == ist(10, 45)
    assert session_at(other, ist(10, 0)).phase is Phase.CONTINUOUS
    assert segment_session_at(Segment.EQUITY, ist(10, 0)).phase is Phase.CONTINUOUS


def test_a_halt_of_the_market_is_everybodys_and_ends_with_the_session(db: None) -> None:
    trading_halt(starts_at=ist(10, 0), ends_at=None, reason="flood")
    assert session_at(equity(), ist(11, 0)).phase is Phase.HALTED
    assert {state.phase for state in market_status(ist(11, 0)).segments.values()} == {Phase.HALTED}
    assert market_status(ist(17, 0)).session.phase is Phase.CLOSED


def test_a_level_halts_once_a_day(db: None) -> None:
    for _ in range(2):
        trading_halt(starts_at=ist(10, 0), ends_at=ist(11, 0), reason="breaker", level=Decimal(10))
    trading_halt(starts_at=ist(10, 0, 19), ends_at=ist(11, 0, 19), reason="breaker", level=Decimal(10))
    assert TradingHalt.objects.count() == 2

"""The feed process keeps chains minute by minute."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from pytest_django.fixtures import Settings

from tests.marketdata.builders import make_quote
from tests.marketdata.options.market import EXPIRY, list_chain, option_key, option_quote
from trading.marketdata.domain.quote import Quote
from trading.marketdata.feeds.chain_recorder import ChainRecorder
from trading.marketdata.models import OptionMinute
from trading.marketdata.selectors.options import chain_at

pytestmark = pytest.mark.django_db

CALL, PUT = option_key(EXPIRY, 24_000, "CE"), option_key(EXPIRY, 24_000, "PE")
START = datetime(2024, 6, 20, 5, 0, 30, tzinfo=UTC)


@pytest.fixture
def now(settings: Settings) -> Iterator[time_machine.Traveller]:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    list_chain(EXPIRY, [24_000])
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def quotes(call: str, put: str = "140.00", spot: str = "24012.00", **fields: object) -> dict[str, Quote]:
    told = [
        make_quote(spot, key="NSE:NIFTY", **fields),
        option_quote(CALL, Decimal(call), oi=6_500, **fields),
        option_quote(PUT, Decimal(put), oi=13_000, **fields),
    ]
    return {quote.key: quote for quote in told}


def test_the_last_state_of_each_minute_is_kept_once(now: time_machine.Traveller) -> None:
    recorder = ChainRecorder()
    recorder.on_quotes(quotes("150.00"))
    now.shift(20)
    recorder.on_quotes(quotes("152.00"))
    assert not OptionMinute.objects.exists()
    now.shift(15)
    recorder.on_quotes(quotes("155.00"))
    kept = OptionMinute.objects.get(instrument__key=CALL)
    assert kept.at == datetime(2024, 6, 20, 5, 1, tzinfo=UTC)
    assert (kept.ltp, kept.bid, kept.ask, kept.oi) == (
        Decimal(152),
        Decimal("151.95"),
        Decimal("152.05"),
        6_500,
    )
    assert kept.spot == Decimal(24012)
    # At the money a premium is about 0.4 x forward x IV x sqrt(years).
    assert kept.iv == pytest.approx(146 / (0.4 * 24_012 * (7.23 / 365) ** 0.5), abs=0.003)
    other = ChainRecorder()
    other._minute = START.replace(second=0)
    other._quotes = quotes("1.00")
    other.on_quotes(quotes("155.00"))
    assert OptionMinute.objects.get(instrument__key=CALL).ltp == Decimal(152)


def test_what_was_kept_is_the_chain_of_that_minute(now: time_machine.Traveller) -> None:
    recorder = ChainRecorder()
    recorder.on_quotes(quotes("148.00"))
    now.shift(20)
    recorder.on_quotes(quotes("150.00"))
    now.shift(15)
    recorder.on_quotes(quotes("155.00"))
    chain = chain_at("NIFTY", EXPIRY, datetime(2024, 6, 20, 5, 1, tzinfo=UTC))
    call, put = chain.legs
    assert (call.quote.ltp, call.quote.bid, put.quote.oi) == (Decimal("150.00"), Decimal("149.95"), 13_000)
    kept = OptionMinute.objects.get(instrument__key=CALL)
    assert call.iv == pytest.approx(kept.iv, abs=1e-9)


def test_stale_legs_and_replayed_quotes_are_not_kept(now: time_machine.Traveller) -> None:
    recorder = ChainRecorder()
    recorder.on_quotes(quotes("150.00"))
    now.shift(timedelta(minutes=1))
    recorder.on_quotes({"NSE:NIFTY": make_quote("24010.00", key="NSE:NIFTY")})
    assert not OptionMinute.objects.exists()
    replayed = ChainRecorder()
    replayed.on_quotes(quotes("150.00", source="replay"))
    now.shift(15)
    replayed.on_quotes(quotes("151.00", source="replay"))
    now.shift(60)
    replayed.on_quotes(quotes("151.00", source="replay"))
    assert not OptionMinute.objects.exists()

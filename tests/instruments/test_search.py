"""What the type-ahead finds, and in which order."""

import time
from datetime import date
from typing import Any

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.bus import get_bus
from tests.factories import make_instrument
from trading.instruments.domain.keys import Exchange, Right
from trading.instruments.domain.search_query import SearchQuery
from trading.instruments.process_cache import CHANNEL, forget_reference_data, forget_reference_data_on_commit
from trading.instruments.selectors import instrument_search

ON = date(2026, 11, 20)


def found(text: str, **options: object) -> list[str]:
    return [instrument.key for instrument in instrument_search(text, on=ON, **options)]  # type: ignore[arg-type]


@pytest.fixture
def master(db: None) -> None:
    make_instrument("NSE:NIFTY", instrument_type="INDEX", name="Nifty 50", has_derivatives=True)
    make_instrument("NSE:BANKNIFTY", instrument_type="INDEX", name="Nifty Bank", has_derivatives=True)
    make_instrument("NSE:NIFTYBEES", instrument_type="ETF", name="Nippon India ETF Nifty BeES")
    make_instrument("NSE:RELIABLE", name="Reliable Data Services")
    make_instrument("NSE:RELIANCE", name="Reliance Industries", has_derivatives=True)
    make_instrument("BSE:RELIANCE", name="Reliance Industries")
    make_instrument("NSE:M&M", name="Mahindra & Mahindra", has_derivatives=True)
    make_instrument("NSE:BAJAJ-AUTO", name="Bajaj Auto")
    for month, expiry in (("NOV", date(2026, 11, 23)), ("DEC", date(2026, 12, 29))):
        make_instrument(f"NFO:NIFTY26{month}FUT", expiry=expiry)
        for strike in (2400, 23900, 24000, 24050):
            make_instrument(f"NFO:NIFTY26{month}{strike}CE", expiry=expiry)
            make_instrument(f"NFO:NIFTY26{month}{strike}PE", expiry=expiry)
    make_instrument("NFO:NIFTY26NOV17W24000CE", expiry=date(2026, 11, 17))
    make_instrument("NSE:GONE", name="Reliance Gone", is_active=False)


@pytest.mark.usefixtures("master")
class TestRanking:
    def test_the_exact_symbol_comes_first(self) -> None:
        assert found("reliance")[:2] == ["NSE:RELIANCE", "BSE:RELIANCE"]
        assert found("M&M")[0] == "NSE:M&M"
        assert found("bajaj-auto")[0] == "NSE:BAJAJ-AUTO"

    def test_a_prefix_prefers_indices_then_stocks_with_derivatives(self) -> None:
        assert found("relia")[0] == "NSE:RELIANCE"
        assert found("nif")[:2] == ["NSE:NIFTY", "NSE:NIFTYBEES"]

    def test_cash_instruments_come_before_contracts_and_the_nearest_expiry_before_later_ones(self) -> None:
        keys = found("nifty", limit=40)
        assert keys[0] == "NSE:NIFTY"
        contracts = [key for key in keys if key.startswith("NFO")]
        assert keys.index(contracts[0]) > keys.index("NSE:NIFTYBEES")
        assert contracts[:2] == ["NFO:NIFTY26NOVFUT", "NFO:NIFTY26DECFUT"]

    def test_words_of_the_name_find_a_company(self) -> None:
        assert found("industries")[0] == "NSE:RELIANCE"
        assert found("auto bajaj") == ["NSE:BAJAJ-AUTO"]

    def test_index_aliases_are_understood(self) -> None:
        assert found("nifty 50")[0] == "NSE:NIFTY"
        assert found("nifty bank")[0] == "NSE:BANKNIFTY"
        assert found("bank nifty")[0] == "NSE:BANKNIFTY"

    def test_strike_right_and_month_narrow_to_contracts(self) -> None:
        assert found("nifty 24000 ce")[:2] == ["NFO:NIFTY26NOV24000CE", "NFO:NIFTY26DEC24000CE"]
        assert found("nifty dec 24000 put")[0] == "NFO:NIFTY26DEC24000PE"
        assert found("nifty dec fut")[0] == "NFO:NIFTY26DECFUT"

    def test_digits_typed_so_far_match_longer_strikes(self) -> None:
        keys = found("nifty 240 ce", limit=4)
        assert set(keys[:3]) == {"NFO:NIFTY26NOV2400CE", "NFO:NIFTY26NOV24000CE", "NFO:NIFTY26NOV24050CE"}

    def test_the_symbol_of_a_contract_finds_it_while_it_is_typed(self) -> None:
        assert found("NIFTY26DEC24")[0] == "NFO:NIFTY26DEC2400CE"
        assert found("NFO:NIFTY26DEC24050PE")[0] == "NFO:NIFTY26DEC24050PE"

    def test_expired_contracts_and_withdrawn_instruments_are_not_found(self) -> None:
        assert "NFO:NIFTY26NOV17W24000CE" not in found("nifty 24000", limit=40)
        assert "NSE:GONE" not in found("reliance", limit=40)

    def test_a_typing_error_still_finds_the_company(self) -> None:
        assert found("relaince industries")[0] == "NSE:RELIANCE"
        assert found("mahnidra")[0] == "NSE:M&M"

    def test_beginnings_of_the_words_of_a_name_find_a_company(self) -> None:
        assert found("rel ind")[:2] == ["NSE:RELIANCE", "BSE:RELIANCE"]

    def test_the_name_of_a_company_leads_to_its_contracts(self) -> None:
        make_instrument("NFO:RELIANCE26NOVFUT", expiry=date(2026, 11, 24))
        forget_reference_data()
        assert found("reliance industries fut")[0] == "NFO:RELIANCE26NOVFUT"

    def test_a_further_condition_holds_for_every_result(self) -> None:
        assert found("reliance", narrowed=Q(exchange="BSE")) == ["BSE:RELIANCE"]
        assert found("nifty", narrowed=Q(instrument_type="FUT")) == ["NFO:NIFTY26NOVFUT", "NFO:NIFTY26DECFUT"]

    def test_an_exchange_in_front_narrows(self) -> None:
        assert found("bse:reliance") == ["BSE:RELIANCE"]

    def test_nothing_typed_or_nothing_known_finds_nothing(self) -> None:
        assert found("") == []
        assert found("   ") == []
        assert found("zzzzqqqq") == []

    def test_no_instrument_is_found_twice_and_the_limit_holds(self) -> None:
        keys = found("n", limit=7)
        assert len(keys) == len(set(keys)) == 7

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text(max_size=80).filter(lambda text: "\x00" not in text))
    def test_any_text_is_answered(self, text: str) -> None:
        assert len(found(text)) <= 20


@pytest.mark.django_db
def test_names_are_read_once_and_again_when_the_master_has_changed(
    django_assert_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    make_instrument("NSE:TCS", name="Tata Consultancy Services")
    assert found("tata") == ["NSE:TCS"]
    with django_assert_num_queries(1):
        found("tcs", limit=1)
    make_instrument("NSE:TATASTEEL", name="Tata Steel")
    assert found("tata") == ["NSE:TCS"]
    bells: list[bytes] = []
    stop = get_bus().subscribe(CHANNEL, bells.append)
    with django_capture_on_commit_callbacks(execute=True):
        forget_reference_data_on_commit()
    assert found("tata") == ["NSE:TATASTEEL", "NSE:TCS"]
    deadline = time.monotonic() + 5
    while not bells and time.monotonic() < deadline:
        time.sleep(0.01)
    stop()
    assert bells, "other processes were not told"


def test_a_query_is_read_into_its_parts() -> None:
    assert SearchQuery.parse("nifty dec 24000 put") == SearchQuery(("NIFTY",), None, Right.PUT, 12, "24000")
    assert SearchQuery.parse("NSE:m&m") == SearchQuery(("M&M",), Exchange.NSE)
    assert SearchQuery.parse("nifty 50").symbol == "NIFTY"


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    query = SearchQuery.parse(text)
    assert all(lowest < end for lowest, end in query.strike_ranges())

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.instruments.domain.keys import Contract, Exchange, InstrumentKey, MalformedKey, Right

symbols = st.from_regex(r"[A-Z0-9][A-Z0-9&-]{0,11}", fullmatch=True)
strikes = st.decimals(min_value="0.01", max_value="999999", places=2)


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    right = draw(st.sampled_from(Right))
    return Contract(
        underlying=draw(symbols),
        year=draw(st.integers(2000, 2099)),
        month=draw(st.integers(1, 12)),
        right=right,
        day=draw(st.none() | st.integers(1, 31)),
        strike=None if right is Right.FUTURE else draw(strikes),
    )


@given(contracts())
def test_a_contract_symbol_reads_back_as_the_contract(contract: Contract) -> None:
    assert Contract.parse(contract.symbol) == contract


@given(contracts(), contracts())
def test_two_contracts_never_share_a_symbol(one: Contract, other: Contract) -> None:
    assert (one.symbol == other.symbol) == (one == other)


@given(st.sampled_from(Exchange), contracts())
def test_a_key_reads_back_as_the_key_in_any_case(exchange: Exchange, contract: Contract) -> None:
    key = InstrumentKey(exchange, contract.symbol)
    assert InstrumentKey.parse(str(key)) == key
    assert InstrumentKey.parse(f" {str(key).lower()} ") == key


def test_contracts_are_spelt_as_documented() -> None:
    assert Contract.parse("NIFTY26NOVFUT") == Contract("NIFTY", 2026, 11, Right.FUTURE)
    assert Contract.parse("NIFTY26NOV24000CE") == Contract("NIFTY", 2026, 11, Right.CALL, strike=Decimal(24000))
    assert Contract.parse("NIFTY26NOV17W24000PE") == Contract(
        "NIFTY", 2026, 11, Right.PUT, day=17, strike=Decimal(24000)
    )
    assert Contract.parse("SENSEX5025JUL29W26750CE").underlying == "SENSEX50"
    assert Contract.parse("M&M26DEC3312.5CE").strike == Decimal("3312.5")
    assert Contract("ZINC", 2025, 8, Right.CALL, strike=Decimal("267.500")).symbol == "ZINC25AUG267.5CE"


@pytest.mark.parametrize("key", ["NSE:M&M", "NSE:BAJAJ-AUTO", "NFO:BAJAJ-AUTO26NOVFUT", "NSE:360ONE"])
def test_ampersands_hyphens_and_digits_are_part_of_a_symbol(key: str) -> None:
    assert str(InstrumentKey.parse(key)) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("NSE:NIFTY50", "NSE:NIFTY"),
        ("NSE:Nifty 50", "NSE:NIFTY"),
        ("NSE:Nifty Bank", "NSE:BANKNIFTY"),
        ("nse:India VIX", "NSE:INDIAVIX"),
        ("NSE:Nifty Fin Service", "NSE:FINNIFTY"),
    ],
)
def test_index_aliases_resolve_to_the_exchange_symbol(name: str, key: str) -> None:
    assert str(InstrumentKey.parse(name)) == key


@pytest.mark.parametrize(
    "text", ["", "RELIANCE", "NSE:", "XXX:RELIANCE", "NSE:A/B", "NSE:../x", "NSE:" + "A" * 40, "NSE:É"]
)
def test_anything_else_is_no_key(text: str) -> None:
    with pytest.raises(MalformedKey):
        InstrumentKey.parse(text)


@pytest.mark.parametrize(
    "symbol", ["RELIANCE", "NIFTY26XXX24000CE", "NIFTY26NOV000CE", "NIFTY26NOV24000", "26NOVFUT"]
)
def test_anything_else_is_no_contract(symbol: str) -> None:
    with pytest.raises(MalformedKey):
        Contract.parse(symbol)


def test_an_option_without_strike_or_a_future_with_one_cannot_be_made() -> None:
    with pytest.raises(MalformedKey):
        Contract("NIFTY", 2026, 11, Right.CALL)
    with pytest.raises(MalformedKey):
        Contract("NIFTY", 2026, 11, Right.FUTURE, strike=Decimal(1))

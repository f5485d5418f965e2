"""The names in memory: their order, what resembles them, and that no answer is invented."""

from hypothesis import given
from hypothesis import strategies as st

from trading.instruments.domain.name_index import Named, NameIndex

INDEX, EQUITY, DEBT = range(3)
names = st.text(alphabet="ABC ", min_size=1, max_size=12).filter(str.strip)
instruments = st.lists(
    st.tuples(names, st.sampled_from(["NSE", "BSE"]), st.sampled_from([INDEX, EQUITY, DEBT]), st.booleans())
)


def _index(*named: tuple[str, str], underlyings: tuple[str, ...] = ()) -> NameIndex:
    return NameIndex(
        [Named(at, "NSE", symbol, name, EQUITY, symbol in underlyings) for at, (symbol, name) in enumerate(named)],
        underlyings,
    )


def test_equally_good_matches_come_by_kind_then_derivatives_then_length_then_exchange() -> None:
    index = NameIndex(
        [
            Named(1, "BSE", "ABLE", "Able", EQUITY, True),
            Named(2, "NSE", "ABLE", "Able", EQUITY, True),
            Named(3, "NSE", "AB", "Ab", EQUITY, False),
            Named(4, "NSE", "ABINDEX", "Ab index", INDEX, False),
            Named(5, "NSE", "A", "A bond", DEBT, False),
        ]
    )
    assert index.beginning("A") == [4, 2, 1, 3, 5]
    assert index.exact("ABLE") == [2, 1]
    assert index.on_exchange(index.exact("ABLE"), "BSE") == [1]


def test_a_name_that_begins_with_the_word_comes_before_one_that_holds_it() -> None:
    index = _index(
        ("KTKBANK", "Karnataka Bank"), ("EMBANKMENT", "Embankment Works"), ("BANKINDIA", "Bank of India")
    )
    assert index.named(["BANK"]) == [2, 0, 1]


def test_swapped_and_wrong_letters_still_resemble_the_name() -> None:
    index = _index(("RPOWER", "Reliance Power"), ("RELIANCE", "Reliance Industries"), ("INFY", "Infosys"))
    assert index.resembling(["RELAINCE"])[0] == 1
    assert index.resembling(["INFOSIS"]) == [2]
    assert index.resembling(["ZZZZ"]) == []


def test_underlyings_are_found_by_symbol_and_only_else_by_name() -> None:
    index = _index(("SBIN", "State Bank of India"), ("SBILIFE", "SBI Life"), underlyings=("SBIN", "SBILIFE"))
    assert index.underlyings("SBI", ["SBI"], 8) == ["SBILIFE", "SBIN"]
    assert index.underlyings("SBI", ["SBI"], 1) == ["SBILIFE"]
    assert index.underlyings("STATEBANK", ["STATE", "BANK"], 8) == ["SBIN"]


@given(instruments, st.lists(names.map(lambda name: name.replace(" ", "")), min_size=1, max_size=3))
def test_every_answer_is_a_true_match_and_none_is_missed(
    rows: list[tuple[str, str, int, bool]], words: list[str]
) -> None:
    held = {
        at: Named(at, exchange, name.replace(" ", ""), name, rank, derived)
        for at, (name, exchange, rank, derived) in enumerate(rows)
    }
    index = NameIndex(held.values())
    assert sorted(index.named(words)) == [at for at, one in held.items() if all(word in one.name for word in words)]
    assert sorted(index.beginning(words[0])) == [at for at, one in held.items() if one.symbol.startswith(words[0])]
    assert set(index.resembling(words)) <= set(held)

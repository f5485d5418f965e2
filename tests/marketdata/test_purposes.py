"""What NSE means by a purpose: the forms seen in its files, and that nothing is guessed."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.marketdata.imports.actions.purpose import Meaning, Purpose, purpose_read


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("FVSPLT FRM RS 10 TO RS 5", 2),
        ("FV SPLT FRM RS 10 TO RS 2", 5),
        ("FV SPLIT RS.10/- TO RE.1/-", 10),
        ("Face Value Split (Sub-Division) - From Rs 10/- Per Share To Rs 2/- Per Share", 5),
        ("SUB-DIVISION FROM RS 5 TO RE 1", 5),
        ("CONSOLIDATION FROM RE 1 TO RS 10", Fraction(1, 10)),
        ("FV SPLT FRM RS 2.50 TO RE 1", Fraction(5, 2)),
    ],
)
def test_splits_and_consolidations(text: str, after: Fraction) -> None:
    assert purpose_read(text) == Purpose(Meaning.ACTION, split=Fraction(after))


@pytest.mark.parametrize(
    ("text", "after"),
    [("BONUS 1:1", 2), ("Bonus 2:1", 3), ("BONUS- 1:2", Fraction(3, 2)), ("BONUS ISSUE 4 : 1", 5)],
)
def test_bonuses(text: str, after: Fraction) -> None:
    assert purpose_read(text) == Purpose(Meaning.ACTION, bonus=Fraction(after))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("INTDIV - RS 7 PER SH", "7"),
        ("INTDIV - RS 0.35 PER SH", "0.35"),
        ("AGM/DIV-RS 1.50 PER SH", "1.50"),
        ("Interim Dividend - Re 1 Per Share", "1"),
        ("Annual General Meeting/Dividend - Rs 3 Per Share", "3"),
        ("DIV-RS 3 PER SH/SPL DIV-RS 2 PER SH", "5"),
        ("Dividend Rs.2/- Per Share of Rs 10", "2"),
    ],
)
def test_dividends(text: str, amount: str) -> None:
    assert purpose_read(text) == Purpose(Meaning.ACTION, dividend=Decimal(amount))


def test_a_dividend_in_per_cent_needs_the_face_value() -> None:
    assert purpose_read("DIVIDEND-40%", face_value=Decimal(10)).dividend == 4
    assert purpose_read("DIVIDEND-40%").meaning is Meaning.UNREAD


def test_several_things_in_one_purpose() -> None:
    read = purpose_read("BONUS 4:1/FV SPLT FRM RS 2 TO RE 1/DIV - RS 12 PER SH")
    assert read == Purpose(Meaning.ACTION, Fraction(2), Fraction(5), Decimal(12))
    assert read.terms == "1 share into 2, bonus: 1 into 5, dividend of ₹12"


def test_rights_are_understood_but_are_no_action() -> None:
    read = purpose_read("RIGHTS 45:301@PRM RS 290")
    assert (read.meaning, read.rights) == (Meaning.RIGHTS, (45, 301, Decimal(290)))
    assert purpose_read("Rights 1:6").rights == (1, 6, None)


@pytest.mark.parametrize("text", ["BUY BACK", "AGM", "EGM", "ANNUAL GENERAL MEETING"])
def test_what_changes_no_price(text: str) -> None:
    assert purpose_read(text).meaning is Meaning.NO_EFFECT


@pytest.mark.parametrize(
    "text",
    [
        "INTEREST PAYMENT",
        "INT PAYMENT/PART REDEMPTN",
        "INT PYMNT/PART REDEMPTN",
        "INTRST PAYMNT/PRT RDMPTN",
        "REDEMPTION",
    ],
)
def test_what_concerns_bonds(text: str) -> None:
    assert purpose_read(text).meaning is Meaning.DEBT


@pytest.mark.parametrize(
    "text",
    [
        "DEMERGER",
        "CAP RED",
        "SCHEME OF ARRANGEMENT",
        "BONUS NCRPS 1:116",
        "BONUS DEBENTURES 1:1",
        "FV SPLT FRM RS 2 TO RS 10",
        "FV SPLT",
        "DIV - RS 5 PER SH + 3",
        "BONUS 1:1 AND 2:1",
        "BONUS 0:1",
        "DIVIDEND",
        "SOMETHING NEW",
        "",
    ],
)
def test_what_is_not_understood_is_never_guessed(text: str) -> None:
    assert purpose_read(text) == Purpose(Meaning.UNREAD)


@given(st.text(alphabet="BONUSDIVSPLTRE 0123456789:./-@%", max_size=40))
def test_whatever_is_written_is_read_or_not_but_never_raises(text: str) -> None:
    read = purpose_read(text, face_value=Decimal(10))
    assert (read.meaning is Meaning.ACTION) == bool(read.split or read.bonus or read.dividend)
    assert all(value is None or value > 0 for value in (read.split, read.bonus, read.dividend))

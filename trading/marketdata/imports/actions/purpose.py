"""What NSE means by a purpose such as `AGM/DIV-RS 2 PER SH` or `FVSPLT FRM RS 10 TO RS 2`.

The exchange has no grammar for these texts. A purpose counts as understood only when every number in it was: one
that is left over means that something was announced which is not known here, and then nothing is concluded.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

_RUPEES = r"(?:RS|RE|INR|₹)\s*\.?\s*"
_NUMBER = r"(\d+(?:\.\d+)?|\.\d+)"

_DEBT = re.compile(r"INTEREST|INTRST|\bINT\s+PA?Y|REDEMPT?I?O?N|RDMPTN|PRINCIPAL")
_FACE_VALUE = re.compile(
    r"(SPLI?T|\bSPL\b|SUB\s*-?\s*DIV\w*|CONSOL\w*)"
    rf"[^\d]*?{_RUPEES}{_NUMBER}(?:\s*/\s*-)?[^\d]*?\bTO\b[^\d]*?{_RUPEES}{_NUMBER}"
)
_BONUS = re.compile(r"BONUS[^\d]*?(\d+)\s*:\s*(\d+)")
_BONUS_OF_OTHERS = re.compile(r"BONUS\W+(?:ISSUE\s+OF\s+)?(?:NON|NCD|NCRPS|DEB|PREF|CCPS|OCPS)")
_DIVIDEND = re.compile(rf"\w*DIV(?:IDEND|D|N)?S?\b[^\d%]*?{_RUPEES}{_NUMBER}")
_PERCENT = re.compile(rf"\w*DIV(?:IDEND|D|N)?S?\b[^\d]*?{_NUMBER}\s*%")
_RIGHTS = re.compile(rf"RIGHTS?[^\d]*?(\d+)\s*:\s*(\d+)(?:[^\d/]*?{_RUPEES}{_NUMBER})?")
_HARMLESS = re.compile(r"GENERAL MEETING|\bA\.?G\.?M\b|\bE\.?G\.?M\b|BUY\s*-?\s*BACK|BOOK CLOSURE|POSTAL BALLOT")
_PER_SHARE = re.compile(r"PER\s+(?:EQUITY\s+)?(?:SH\w*|UNIT)(?:\s+OF\s+" + _RUPEES + _NUMBER + r")?")
_TELLING = re.compile(r"\d|BONUS|SPLI?T|RIGHT|DIVID|\bDIV|MERGE|AMALG|ARRANGE|REDUC|\bCAP\b|CONSOL|WARRANT|SPIN")


class Meaning(StrEnum):
    """What kind of thing a purpose is."""

    ACTION = "ACTION"
    RIGHTS = "RIGHTS"
    NO_EFFECT = "NO_EFFECT"
    UNREAD = "UNREAD"
    DEBT = "DEBT"
    """Interest or redemption: it concerns no share."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What was read. `split` and `bonus` are shares after for one held, `dividend` rupees a share."""

    meaning: Meaning
    split: Fraction | None = None
    bonus: Fraction | None = None
    dividend: Decimal | None = None
    rights: tuple[int, int, Decimal | None] | None = None
    """Shares offered, for so many held, and the premium in rupees where it is told."""

    @property
    def terms(self) -> str:
        """What was read, in words."""
        told = []
        if self.split:
            told.append(f"{self.split.denominator} share into {self.split.numerator}")
        if self.bonus:
            told.append(f"bonus: {self.bonus.denominator} into {self.bonus.numerator}")
        if self.dividend:
            told.append(f"dividend of ₹{self.dividend}")
        if self.rights:
            offered, held, premium = self.rights
            told.append(f"rights: {offered} for {held}" + (f" at a premium of ₹{premium}" if premium else ""))
        return ", ".join(told)


def purpose_read(text: str, *, face_value: Decimal | None = None) -> Purpose:
    """Understand a purpose. A dividend in per cent is of the face value, and cannot be read without it."""
    rest = " ".join(text.upper().split())
    if _DEBT.search(rest) and not _DIVIDEND.search(rest):
        return Purpose(Meaning.DEBT)
    unread = Purpose(Meaning.UNREAD)
    split, rest = _face_value(rest)
    if split == 1 or _BONUS_OF_OTHERS.search(rest):
        return unread
    bonus, rest = _bonus(rest)
    rights, rest = _rights(rest)
    dividend, rest = _dividend(rest, face_value)
    if _TELLING.search(_PER_SHARE.sub(" ", rest)):
        return unread
    if split or bonus or dividend:
        return Purpose(Meaning.ACTION, split, bonus, dividend, rights)
    if rights:
        return Purpose(Meaning.RIGHTS, rights=rights)
    return Purpose(Meaning.NO_EFFECT) if _HARMLESS.search(rest) else unread


def _face_value(text: str) -> tuple[Fraction | None, str]:
    match = _FACE_VALUE.search(text)
    if match is None:
        return None, text
    before, after = Fraction(match[2]), Fraction(match[3])
    is_consolidation = match[1].startswith("CONSOL")
    if not before or not after or (before < after) is not is_consolidation:
        # A split that makes shares larger is a slip of the exchange's pen.
        return Fraction(1), text
    return before / after, _without(text, match)


def _bonus(text: str) -> tuple[Fraction | None, str]:
    match = _BONUS.search(text)
    if match is None or not int(match[1]) or not int(match[2]):
        return None, text
    return 1 + Fraction(int(match[1]), int(match[2])), _without(text, match)


def _rights(text: str) -> tuple[tuple[int, int, Decimal | None] | None, str]:
    match = _RIGHTS.search(text)
    if match is None:
        return None, text
    return (int(match[1]), int(match[2]), Decimal(match[3]) if match[3] else None), _without(text, match)


def _dividend(text: str, face_value: Decimal | None) -> tuple[Decimal | None, str]:
    total = Decimal(0)
    while match := _DIVIDEND.search(text):
        total += Decimal(match[1])
        text = _without(text, match)
    while face_value and (match := _PERCENT.search(text)):
        total += Decimal(match[1]) * face_value / 100
        text = _without(text, match)
    return total or None, text


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"

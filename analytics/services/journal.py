"""Writing the trade journal. Entries are seen by whoever sees their account, and changed by who wrote them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from analytics.domain.pictures import MOST_BYTES, MOST_PIXELS, NotAPicture, picture_facts
from analytics.models import JournalEntry, JournalPicture, JournalTag
from analytics.models.journal import TAG_LENGTH, TEXT_LENGTH
from analytics.selectors.journal import entry_get, picture_get
from core import clock
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from trading.instruments.models import Instrument
from trading.orders.models import Fill
from trading.portfolio.models import PositionEvent
from trading.portfolio.selectors import account_get

MOST_TAGS = 10
MOST_PICTURES = 6
TITLE_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalNote:
    """What an entry says. `opened_by` and `closed_by` name the fills (or events) of one trade, both or neither."""

    day: date
    title: str
    text: str = ""
    tags: tuple[str, ...] = ()
    rating: int | None = None
    symbol: str = ""
    opened_by: UUID | None = None
    closed_by: UUID | None = None


@transaction.atomic
def journal_write(*, actor: Actor, account_id: UUID, note: JournalNote) -> JournalEntry:
    """A new entry of the actor's on an account that they may see. Needs WRITE_JOURNAL.

    Raises NotFound for another's account or a trade that is none of it, and InvalidInput for a day to come, a
    rating beyond 1 to 5, too many or too long tags, or an unknown symbol.
    """
    actor.require(Permission.WRITE_JOURNAL)
    account = account_get(actor, account_id)
    if actor.user_id is None:
        raise PermissionDenied("A journal is written by a person.", code="not_a_person")
    now = clock.wall_now()
    entry = JournalEntry(
        organisation_id=account.organisation_id,
        account=account,
        author_id=actor.user_id,
        created_at=now,
    )
    _say(entry, note)
    return entry


@transaction.atomic
def journal_change(*, actor: Actor, entry_id: UUID, note: JournalNote) -> JournalEntry:
    """Put other words into an entry; its author alone may."""
    entry = _own(actor, entry_id)
    _say(entry, note)
    return entry


@transaction.atomic
def journal_delete(*, actor: Actor, entry_id: UUID) -> None:
    """Delete an entry with its pictures; its author alone may."""
    _own(actor, entry_id).delete()


@transaction.atomic
def picture_add(*, actor: Actor, entry_id: UUID, content: bytes, caption: str = "") -> JournalPicture:
    """Add a picture to an own entry.

    Raises InvalidInput (`picture_too_large`, `not_a_picture`) and Conflict (`too_many_pictures`).
    """
    entry = _own(actor, entry_id)
    if len(content) > MOST_BYTES:
        raise _invalid("picture", "picture_too_large", f"A picture may have {MOST_BYTES // 1000:,} kB at most.")
    try:
        facts = picture_facts(content)
    except NotAPicture as error:
        raise _invalid("picture", "not_a_picture", str(error)) from error
    if not (0 < facts.width <= MOST_PIXELS and 0 < facts.height <= MOST_PIXELS):
        raise _invalid("picture", "picture_too_large", f"At most {MOST_PIXELS} pixels a side.")
    if entry.pictures.count() >= MOST_PICTURES:
        raise Conflict(f"An entry has at most {MOST_PICTURES} pictures.", code="too_many_pictures")
    picture: JournalPicture = JournalPicture.objects.create(
        organisation_id=entry.organisation_id,
        entry=entry,
        content_type=facts.content_type,
        content=content,
        size=len(content),
        width=facts.width,
        height=facts.height,
        caption=caption.strip()[:TITLE_LENGTH],
        created_at=clock.wall_now(),
    )
    return picture


@transaction.atomic
def picture_delete(*, actor: Actor, picture_id: UUID) -> UUID:
    """Delete a picture of an own entry; returns the entry's id."""
    picture = picture_get(actor, picture_id)
    _own(actor, picture.entry_id)
    picture.delete()
    return picture.entry_id


def _own(actor: Actor, entry_id: UUID) -> JournalEntry:
    actor.require(Permission.WRITE_JOURNAL)
    entry = entry_get(actor, entry_id)
    if entry.author_id != actor.user_id:
        raise PermissionDenied("Only who wrote an entry changes it.", code="not_the_author")
    return entry


def _say(entry: JournalEntry, note: JournalNote) -> None:
    """Check a note and write it into the entry, its tags with it."""
    entry.day = _past(note.day)
    entry.title = note.title.strip()
    if not 0 < len(entry.title) <= TITLE_LENGTH:
        raise _invalid("title", "invalid_title", f"Between 1 and {TITLE_LENGTH} characters.")
    if len(note.text) > TEXT_LENGTH:
        raise _invalid("text", "text_too_long", f"At most {TEXT_LENGTH} characters.")
    entry.text = note.text
    if note.rating is not None and not 1 <= note.rating <= 5:
        raise _invalid("rating", "invalid_rating", "From 1 to 5.")
    entry.rating = note.rating
    entry.instrument = _instrument(note.symbol)
    if (note.opened_by is None) != (note.closed_by is None):
        raise _invalid("opened_by", "unknown_trade", "Name both the opening and the closing fill, or neither.")
    entry.opened_by, entry.closed_by = note.opened_by, note.closed_by
    if note.opened_by is not None and note.closed_by is not None:
        entry.instrument_id = _traded(entry, (note.opened_by, note.closed_by))
    tags = _tags(note.tags)
    entry.updated_at = clock.wall_now()
    entry.save()
    entry.tags.exclude(name__in=tags).delete()
    known = set(entry.tags.values_list("name", flat=True))
    JournalTag.objects.bulk_create(
        JournalTag(organisation_id=entry.organisation_id, entry=entry, name=tag) for tag in tags if tag not in known
    )


def _past(day: date) -> date:
    if day > clock.trading_date():
        raise _invalid("day", "day_to_come", "The day has not come yet.")
    return day


def _instrument(symbol: str) -> Instrument | None:
    if not symbol:
        return None
    found = Instrument.objects.filter(key=symbol.strip().upper()).first()
    if found is None:
        raise _invalid("symbol", "unknown_symbol", f"There is no instrument {symbol}.")
    return found


def _traded(entry: JournalEntry, refs: tuple[UUID, UUID]) -> int:
    """The instrument that both ends of a trade of the account are of."""
    instruments = set()
    for ref in refs:
        fill = Fill.objects.filter(account_id=entry.account_id, id=ref).values_list("instrument_id", flat=True)
        event = PositionEvent.objects.filter(account_id=entry.account_id, id=ref)
        found = fill.first() or event.values_list("position__instrument_id", flat=True).first()
        if found is None:
            raise NotFound("The account has no such trade.", code="unknown_trade")
        instruments.add(found)
    if len(instruments) != 1:
        raise _invalid("closed_by", "unknown_trade", "The fills are of different instruments.")
    return int(instruments.pop())


def _tags(names: Iterable[str]) -> list[str]:
    tags = list(dict.fromkeys(name.strip().lower().lstrip("#") for name in names if name.strip(" #")))
    if len(tags) > MOST_TAGS or any(len(tag) > TAG_LENGTH for tag in tags):
        raise _invalid("tags", "invalid_tags", f"At most {MOST_TAGS} tags of {TAG_LENGTH} characters.")
    return tags


def _invalid(field: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=code, errors={field: [message]})

"""Reads of the trade journal."""

from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.domain.actor import Actor
from analytics.models import JournalEntry, JournalPicture, JournalTag
from core.clock import IST
from core.errors import NotFound
from trading.orders.models import Fill
from trading.portfolio.models import PositionEvent

MOST_WORDS = 8
_CLOSE = time(15, 30)


def journal_for(
    actor: Actor,
    *,
    account_id: UUID | None = None,
    tag: str = "",
    symbol: str = "",
    words: str = "",
    first: date | None = None,
    last: date | None = None,
) -> QuerySet[JournalEntry]:
    """Entries of the accounts that the actor may see, newest day first, with tags and (without bytes) pictures.

    Each of `words` has to stand in an entry's title, text, tags or symbol, in whatever case.
    """
    rows: QuerySet[JournalEntry] = JournalEntry.objects.for_actor(actor)
    for field, value in (
        ("account_id", account_id),
        ("tags__name", tag.strip().lower()),
        ("instrument__key", symbol),
        ("day__gte", first),
        ("day__lte", last),
    ):
        if value:
            rows = rows.filter(**{field: value})
    for word in words.split()[:MOST_WORDS]:
        tagged = JournalTag.objects.filter(entry_id=OuterRef("pk"), name__icontains=word)
        rows = rows.filter(
            Q(title__icontains=word) | Q(text__icontains=word) | Q(instrument__key__icontains=word) | Exists(tagged)
        )
    pictures = Prefetch("pictures", JournalPicture.objects.defer("content"))
    return (
        rows.select_related("account", "author", "instrument")
        .prefetch_related("tags", pictures)
        .order_by("-day", "-created_at", "-id")
    )


def entry_get(actor: Actor, entry_id: UUID) -> JournalEntry:
    """One entry; NotFound for what the actor may not see."""
    entry = journal_for(actor).filter(id=entry_id).first()
    if entry is None:
        raise NotFound("There is no such journal entry.", code="unknown_journal_entry")
    return entry


def moment_of(entry: JournalEntry) -> datetime:
    """When what an entry is about came to its end: of a trade its last fill, else the close of the day."""
    if entry.closed_by:
        fills = Fill.objects.filter(account_id=entry.account_id, id=entry.closed_by)
        events = PositionEvent.objects.filter(account_id=entry.account_id, id=entry.closed_by)
        at: datetime | None = (
            fills.values_list("traded_at", flat=True).first() or events.values_list("at", flat=True).first()
        )
        if at is not None:
            return at
    return datetime.combine(entry.day, _CLOSE, IST)


def picture_get(actor: Actor, picture_id: UUID) -> JournalPicture:
    """One picture with its bytes; NotFound unless the actor may see its entry's account."""
    picture = JournalPicture.objects.for_actor(actor).select_related("entry").filter(id=picture_id).first()
    if picture is None or not JournalEntry.objects.for_actor(actor).filter(id=picture.entry_id).exists():
        raise NotFound("There is no such picture.", code="unknown_picture")
    found: JournalPicture = picture
    return found


def journal_tags(actor: Actor, account_id: UUID | None = None) -> list[tuple[str, int]]:
    """The tags in use and how many entries carry each, most used first."""
    entries = JournalEntry.objects.for_actor(actor)
    if account_id:
        entries = entries.filter(account_id=account_id)
    rows = JournalTag.objects.for_actor(actor).filter(entry__in=entries).order_by().values_list("name")
    return list(rows.annotate(entries=Count("id")).order_by("-entries", "name")[:40])

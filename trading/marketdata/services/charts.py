"""Keeping what members set up and draw on their charts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get

from ..domain.bars import Interval
from ..domain.chart import MOST_DRAWINGS, POINTS, ChartScale, ChartStyle, DrawingColour, DrawingKind
from ..domain.indicators import registry
from ..models import ChartDrawing, ChartLayout


@transaction.atomic
def chart_layout_save(
    *,
    actor: Actor,
    instrument: Instrument | None,
    interval: Interval,
    style: ChartStyle,
    scale: ChartScale,
    compare: Sequence[str] = (),
    indicators: Sequence[Mapping[str, Any]] = (),
) -> ChartLayout:
    """Keep how the actor's chart of an instrument looks; without one, all their charts without their own layout.

    Raises NotFound (``unknown_symbol``, ``unknown_indicator``) for what does not exist, InvalidInput for a chart
    compared with itself and for settings that an indicator does not take.
    """
    actor.require(Permission.VIEW_MARKET)
    keys = list(dict.fromkeys(instrument_get(key).key for key in compare))
    if instrument is not None and instrument.key in keys:
        raise InvalidInput(errors={"compare": ["An instrument is not compared with itself."]})
    for one in indicators:
        registry.get(one["name"]).read(one["params"])
    layout, _ = ChartLayout.objects.for_actor(actor).update_or_create(
        organisation_id=actor.organisation_id,
        owner_id=_person(actor),
        instrument=instrument,
        defaults={
            "interval": interval.value,
            "style": style.value,
            "scale": scale.value,
            "compare": keys,
            "indicators": [dict(one) for one in indicators],
        },
    )
    saved: ChartLayout = layout
    return saved


@transaction.atomic
def chart_layout_delete(*, actor: Actor, instrument: Instrument | None) -> None:
    """Forget a layout; the chart then looks like the actor's default, or the house's. Twice is harmless."""
    actor.require(Permission.VIEW_MARKET)
    ChartLayout.objects.for_actor(actor).filter(instrument=instrument).delete()


@transaction.atomic
def chart_drawing_save(
    *,
    actor: Actor,
    drawing_id: UUID,
    instrument: Instrument,
    kind: DrawingKind,
    first: tuple[datetime | None, Decimal | None],
    second: tuple[datetime | None, Decimal | None] = (None, None),
    text: str = "",
    colour: DrawingColour = DrawingColour.ACCENT,
) -> tuple[ChartDrawing, bool]:
    """Keep a drawing under the id that the caller chose, and say whether it is new.

    `first` and `second` are (time, price in rupees); which of them a kind has is `POINTS`. Saving the same again
    changes nothing, so that a lost answer may be asked for twice. Raises InvalidInput for points the kind does not
    have, Conflict (``too_many_drawings``), NotFound for an id that is somebody else's.
    """
    actor.require(Permission.VIEW_MARKET)
    _require_points(kind, first, second, text)
    known = ChartDrawing.objects.for_actor(actor).select_for_update().filter(pk=drawing_id).first()
    if known is None:
        drawn = ChartDrawing.objects.for_actor(actor).filter(instrument=instrument).count()
        if drawn >= MOST_DRAWINGS:
            raise Conflict(f"A chart holds {MOST_DRAWINGS} drawings at most.", code="too_many_drawings")
    drawing: ChartDrawing = known or ChartDrawing(
        id=drawing_id, organisation_id=actor.organisation_id, owner_id=_person(actor)
    )
    drawing.instrument, drawing.kind, drawing.text, drawing.colour = instrument, kind.value, text, colour.value
    drawing.first_time, drawing.first_price = first
    drawing.second_time, drawing.second_price = second
    try:
        with transaction.atomic():
            drawing.save(force_insert=known is None)
    except IntegrityError as error:
        # Row-level security hides the other row: all that can be known is that the id is taken.
        raise NotFound("There is no such drawing.") from error
    return drawing, known is None


@transaction.atomic
def chart_drawing_delete(*, actor: Actor, drawing_id: UUID) -> None:
    """Take a drawing off its chart."""
    actor.require(Permission.VIEW_MARKET)
    deleted, _ = ChartDrawing.objects.for_actor(actor).filter(pk=drawing_id).delete()
    if not deleted:
        raise NotFound("There is no such drawing.")


def _person(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise PermissionDenied("Only a person keeps charts.")
    return actor.user_id


def _require_points(
    kind: DrawingKind,
    first: tuple[datetime | None, Decimal | None],
    second: tuple[datetime | None, Decimal | None],
    text: str,
) -> None:
    errors: dict[str, list[str]] = {}
    for name, point, wanted in zip(("first", "second"), (first, second), POINTS[kind], strict=True):
        for part, value, needed in zip(("time", "price"), point, wanted, strict=True):
            if (value is not None) != needed:
                verb = "needs" if needed else "has no"
                errors[f"{name}_{part}"] = [f"A drawing of this kind {verb} {part} here."]
    if (kind is DrawingKind.TEXT) != bool(text):
        errors["text"] = ["A text says something; other drawings say nothing."]
    if errors:
        raise InvalidInput("The drawing was not kept.", errors=errors)

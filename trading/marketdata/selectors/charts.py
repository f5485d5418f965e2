"""What members keep of their charts, and their tokens for charting clients."""

from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import NotFound
from trading.instruments.models import Instrument

from ..domain.bars import Interval
from ..domain.chart import ChartScale, ChartStyle
from ..models import ChartDrawing, ChartLayout, DatafeedToken


def chart_layouts(actor: Actor) -> QuerySet[ChartLayout]:
    """The actor's layouts, the latest change first."""
    actor.require(Permission.VIEW_MARKET)
    return ChartLayout.objects.for_actor(actor).select_related("instrument").order_by("-updated_at", "-id")


def chart_layout_for(actor: Actor, instrument: Instrument | None) -> ChartLayout:
    """How the actor's chart of an instrument looks: its own layout, their default, or the house's (unsaved)."""
    wanted = Q(instrument=None) if instrument is None else Q(instrument=None) | Q(instrument=instrument)
    found = {layout.instrument_id: layout for layout in chart_layouts(actor).filter(wanted)}
    own = found.get(instrument.pk) if instrument is not None else None
    house = ChartLayout(interval=Interval.M5.value, style=ChartStyle.CANDLES.value, scale=ChartScale.LINEAR.value)
    return own or found.get(None) or house


def chart_drawings(actor: Actor, instrument: Instrument) -> QuerySet[ChartDrawing]:
    """What the actor drew on the chart of an instrument, oldest first."""
    actor.require(Permission.VIEW_MARKET)
    drawn: QuerySet[ChartDrawing] = ChartDrawing.objects.for_actor(actor).filter(instrument=instrument)
    return drawn.select_related("instrument").order_by("created_at", "id")


def datafeed_tokens(actor: Actor) -> QuerySet[DatafeedToken]:
    """The actor's own tokens, newest first; with MANAGE_MEMBERS everybody's here."""
    actor.require(Permission.VIEW_MARKET)
    tokens: QuerySet[DatafeedToken] = DatafeedToken.objects.for_actor(actor)
    tokens = tokens.select_related("user").order_by("-created_at", "-id")
    everybodys = actor.may(Permission.MANAGE_MEMBERS)
    return tokens if everybodys else tokens.filter(user_id=str(actor.user_id))


def datafeed_token_get(actor: Actor, token_id: UUID) -> DatafeedToken:
    """One of the tokens the actor sees (see `datafeed_tokens`); NotFound for any other."""
    found = datafeed_tokens(actor).filter(pk=token_id).first()
    if found is None:
        raise NotFound("There is no such token.")
    return found

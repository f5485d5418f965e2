"""What a member keeps of charts and chains: how they are set up, and what they drew on them."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.tenancy import OrganisationOwned, TenantQuerySet
from trading.instruments.models import Instrument

from ..domain.bars import Interval
from ..domain.chart import MOST_TEXT, ChartScale, ChartStyle, DrawingColour, DrawingKind
from .candle import PRICE_DIGITS, PRICE_PLACES


class PersonalQuerySet(TenantQuerySet):
    """Charts are personal: not even a colleague reads them."""

    def for_actor(self, actor: Any) -> Self:
        """The actor's own rows."""
        return super().for_actor(actor).filter(owner_id=actor.user_id)


class ChartLayout(OrganisationOwned):
    """How a member has set up the chart of one instrument; without an instrument, of all that have no own layout.

    `indicators` is a list of `{"name", "params", "colours", "hidden"}` as `chart_layout_save` checked it; the names
    and parameters are the registry's, which grows without migrations. `compare` is a list of instrument keys.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="+", null=True, blank=True)
    interval = models.CharField(max_length=3, choices=[(each.value, each.value) for each in Interval])
    style = models.CharField(max_length=12, choices=[(each.value, each.value) for each in ChartStyle])
    scale = models.CharField(max_length=8, choices=[(each.value, each.value) for each in ChartScale])
    compare = models.JSONField(default=list, blank=True)
    indicators = models.JSONField(default=list, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PersonalQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-updated_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "owner", "instrument"],
                condition=Q(instrument__isnull=False),
                name="chart_layout_once_an_instrument",
            ),
            models.UniqueConstraint(
                fields=["organisation", "owner"], condition=Q(instrument=None), name="chart_layout_one_default"
            ),
            models.CheckConstraint(
                condition=Q(style__in=[each.value for each in ChartStyle]), name="chart_layout_style_known"
            ),
            models.CheckConstraint(
                condition=Q(scale__in=[each.value for each in ChartScale]), name="chart_layout_scale_known"
            ),
        ]

    def __str__(self) -> str:
        return f"layout of {self.instrument_id or 'every chart'}"


class ChartDrawing(OrganisationOwned):
    """Something a member drew on the chart of an instrument; times are bars' starts, prices rupees.

    A horizontal line has only a price, a vertical one only a time, a text one point; the others have two points.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=[(each.value, each.value) for each in DrawingKind])
    first_time = models.DateTimeField(null=True, blank=True)
    first_price = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES, null=True, blank=True)
    second_time = models.DateTimeField(null=True, blank=True)
    second_price = models.DecimalField(max_digits=PRICE_DIGITS, decimal_places=PRICE_PLACES, null=True, blank=True)
    text = models.CharField(max_length=MOST_TEXT, blank=True)
    colour = models.CharField(max_length=8, choices=[(each.value, each.value) for each in DrawingColour])
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PersonalQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["created_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="chart_drawing_has_its_points",
                condition=Q(
                    kind__in=[DrawingKind.TREND.value, DrawingKind.RECTANGLE.value, DrawingKind.FIBONACCI.value],
                    first_time__isnull=False,
                    first_price__isnull=False,
                    second_time__isnull=False,
                    second_price__isnull=False,
                )
                | Q(
                    kind=DrawingKind.TEXT.value,
                    first_time__isnull=False,
                    first_price__isnull=False,
                    second_time=None,
                    second_price=None,
                )
                | Q(
                    kind=DrawingKind.HORIZONTAL.value,
                    first_time=None,
                    first_price__isnull=False,
                    second_time=None,
                    second_price=None,
                )
                | Q(
                    kind=DrawingKind.VERTICAL.value,
                    first_time__isnull=False,
                    first_price=None,
                    second_time=None,
                    second_price=None,
                ),
            ),
            models.CheckConstraint(
                name="chart_drawing_text_is_written",
                condition=(Q(kind="TEXT") & ~Q(text="")) | (~Q(kind="TEXT") & Q(text="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "owner", "instrument"], name="chart_drawing_of_chart")
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.instrument_id}"


class ChainColumns(OrganisationOwned):
    """Which columns a member wants to see of an option chain, in `domain.options.columns`' names, by commas."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    columns = models.CharField(max_length=200)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PersonalQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-updated_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "owner"], name="chain_columns_once_a_member"),
        ]

    def __str__(self) -> str:
        return self.columns

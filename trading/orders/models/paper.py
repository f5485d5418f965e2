"""What the paper exchange knows of a market beside its orders: how it behaves, and what of it is spent.

Neither belongs to a tenant. All organisations' paper orders meet the same market.
"""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trading.instruments.domain.keys import Exchange
from trading.instruments.domain.sessions import Segment
from trading.orders.domain.slippage import SlippageModel
from trading.orders.domain.terms import MatchingTerms


class MatchingRule(models.Model):
    """How a segment of an exchange matches from a day on; the latest `valid_from` on or before a day holds."""

    exchange = models.CharField(max_length=3, choices=[(e.value, e.value) for e in Exchange])
    segment = models.CharField(
        max_length=20, choices=[(s.value, s.value.replace("_", " ").capitalize()) for s in Segment]
    )
    valid_from = models.DateField()
    latency_ms = models.PositiveIntegerField(
        default=0,
        help_text="Market time from acceptance until an order can match. 0: against the book it was accepted on.",
    )
    cancel_latency_ms = models.PositiveIntegerField(
        default=0, help_text="Market time from a trader's cancellation until the order is out of the book."
    )
    slippage_model = models.CharField(
        max_length=8, choices=[(m.value, m.value.capitalize()) for m in SlippageModel], default=SlippageModel.NONE
    )
    slippage_value = models.DecimalField(
        max_digits=9,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(0)],
        help_text="Ticks; the share of the spread (0.5 is half of it); or the impact, in per cent of the price, of "
        "an order as large as the day's volume.",
    )
    participation = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        default=1,
        validators=[MinValueValidator(Decimal("0.0001")), MaxValueValidator(1)],
        help_text="The share of displayed and of traded quantity that all paper orders together may have.",
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["exchange", "segment", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["exchange", "segment", "valid_from"], name="matching_rule_once_per_day"
            ),
            models.CheckConstraint(condition=Q(slippage_value__gte=0), name="matching_rule_slippage_adverse"),
            models.CheckConstraint(
                condition=Q(participation__gt=0, participation__lte=1), name="matching_rule_participation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exchange} {self.segment} from {self.valid_from}"

    @property
    def domain(self) -> MatchingTerms:
        """The terms as matching takes them."""
        return MatchingTerms(
            latency_ms=self.latency_ms,
            cancel_latency_ms=self.cancel_latency_ms,
            slippage_model=SlippageModel(self.slippage_model),
            slippage_value=self.slippage_value,
            participation=self.participation,
        )


class PaperBook(models.Model):
    """What paper orders have taken of an instrument's market; locked after the account, never before.

    The first four columns name the snapshot that `bid_taken` and `ask_taken` belong to (units, from the best
    level down); a newer snapshot starts them at zero. `taken_before` is the last taker's own, read back by the
    statement that wrote it. `tape` holds, by price at which orders rest, the units traded there that no paper
    order has had, and those of the last snapshot among them; `volume` is the day's volume it has counted up to.
    Times are integers (microseconds since 1970), so that one statement compares them in every database.
    """

    instrument = models.OneToOneField(
        "instruments.Instrument", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    snapshot_us = models.BigIntegerField(default=0)
    sequence = models.BigIntegerField(default=0)
    received_us = models.BigIntegerField(default=0)
    bid_taken = models.BigIntegerField(default=0)
    ask_taken = models.BigIntegerField(default=0)
    taken_before = models.BigIntegerField(default=0)
    tape_on = models.DateField(null=True, blank=True)
    tape_us = models.BigIntegerField(default=0)
    tape_sequence = models.BigIntegerField(default=0)
    tape_received_us = models.BigIntegerField(default=0)
    volume = models.BigIntegerField(default=0)
    tape = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(bid_taken__gte=0, ask_taken__gte=0, taken_before__gte=0), name="paper_book_taken"
            ),
        ]

    def __str__(self) -> str:
        return f"book of {self.instrument_id}"


class AuctionResult(models.Model):
    """One instrument's closing auction of a day: begun when first seen, uncrossed once, at one price (rupees).

    `opening_volume` is what the market had traded that day when the auction began; what it trades from there
    on bounds what paper orders may have of it. What each order has is fixed with the uncross and posted
    afterwards, order by order: a crash in between is made good by the next sweep.
    """

    instrument = models.ForeignKey("instruments.Instrument", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    opening_volume = models.BigIntegerField(default=0)
    price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    bought = models.BigIntegerField(default=0, help_text="Units that paper orders bought in it.")
    sold = models.BigIntegerField(default=0, help_text="Units that paper orders sold in it.")
    volume = models.BigIntegerField(default=0, help_text="Units that the market traded in it.")
    uncrossed_at = models.DateTimeField(null=True, blank=True)
    shares = models.JSONField(default=dict, blank=True, help_text="Units by order, as they were found.")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When all of them had been posted.")

    class Meta:
        ordering = ["-day", "instrument"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "day"], name="auction_result_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.day}: {self.price}"

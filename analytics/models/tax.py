"""Dated rates of the tax on listed shares. For everybody."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from analytics.domain.tax.rates import GainsRate, Term


class CapitalGainsRate(models.Model):
    """What gains on listed shares sold from `valid_from` on are taxed at; the latest row on or before a sale holds.

    `exemption` (rupees a financial year) is the year's: the row in force when the year ends tells it.
    """

    TERMS = [(term.value, term.value.capitalize()) for term in Term]

    term = models.CharField(max_length=5, choices=TERMS)
    valid_from = models.DateField()
    rate = models.DecimalField(max_digits=5, decimal_places=4, help_text="A fraction: 0.125 is 12.5 %.")
    exemption = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    held_months = models.PositiveSmallIntegerField(
        default=12, help_text="A gain is long-term when shares were held for longer than this."
    )
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["term", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["term", "valid_from"], name="gains_rate_once_per_day"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=1), name="gains_rate_is_a_fraction"),
            models.CheckConstraint(condition=Q(exemption__gte=0), name="gains_exemption_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.term} from {self.valid_from}"

    @property
    def domain(self) -> GainsRate:
        """As the arithmetic takes it."""
        return GainsRate(Term(self.term), self.valid_from, self.rate, self.exemption, self.held_months, self.source)

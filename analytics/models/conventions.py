"""How an organisation wants its figures reckoned."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from analytics.domain.conventions import Conventions
from core.tenancy import OrganisationOwned

DEFAULT_INDEX = "NSE:NIFTY"


class ReportingConventions(OrganisationOwned):
    """The one place that says what a year, a risk-free rate and an index are; without a row the defaults hold."""

    organisation = models.OneToOneField("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    periods_per_year = models.PositiveSmallIntegerField(default=252, help_text="Trading days that make a year.")
    risk_free = models.DecimalField(
        max_digits=6, decimal_places=5, default=Decimal("0.065"), help_text="A year, as a fraction: 0.065 is 6.5 %."
    )
    confidence = models.DecimalField(
        max_digits=5, decimal_places=4, default=Decimal("0.95"), help_text="Of the value at risk: 0.95 or 0.99."
    )
    index_key = models.CharField(max_length=60, default=DEFAULT_INDEX, help_text="What returns are held against.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "reporting conventions"
        constraints = [
            models.CheckConstraint(
                condition=Q(periods_per_year__gte=200, periods_per_year__lte=366), name="conventions_year_possible"
            ),
            models.CheckConstraint(
                condition=Q(risk_free__gte=0, risk_free__lt=1), name="conventions_risk_free_is_a_fraction"
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=Decimal("0.5"), confidence__lt=1),
                name="conventions_confidence_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"conventions of {self.organisation_id}"

    @property
    def domain(self) -> Conventions:
        """As the arithmetic takes them."""
        return Conventions(self.periods_per_year, float(self.risk_free), float(self.confidence))

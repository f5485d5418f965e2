"""What companies do to their shares."""

from django.db import models
from django.db.models import F, Q

from .instrument import Instrument


class CorporateAction(models.Model):
    """What a company does to its shares on `ex_date`, applied to positions before that day's session begins.

    A split or a bonus turns `ratio_held` shares into `ratio_after`: a split of Rs 10 into Rs 2 is 1 into 5, a bonus
    of 1 for 2 is 2 into 3. A dividend pays `amount` rupees a share. Once applied it is history and stays.
    """

    class Kind(models.TextChoices):
        SPLIT = "SPLIT", "Split"
        BONUS = "BONUS", "Bonus"
        DIVIDEND = "DIVIDEND", "Dividend"

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="corporate_actions")
    kind = models.CharField(max_length=8, choices=Kind)
    ex_date = models.DateField()
    ratio_held = models.PositiveIntegerField(null=True, blank=True)
    ratio_after = models.PositiveIntegerField(null=True, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-ex_date", "instrument"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "kind", "ex_date"], name="corporate_action_once"),
            models.CheckConstraint(
                condition=Q(kind="DIVIDEND", amount__gt=0, ratio_held=None, ratio_after=None)
                | (
                    Q(kind__in=["SPLIT", "BONUS"], amount=None, ratio_held__gt=0, ratio_after__gt=0)
                    & ~Q(ratio_held=F("ratio_after"))
                ),
                name="corporate_action_terms",
            ),
        ]

    def __str__(self) -> str:
        dividend = self.kind == self.Kind.DIVIDEND
        terms = f"of {self.amount}" if dividend else f"{self.ratio_held} into {self.ratio_after}"
        return f"{self.instrument} {self.kind.lower()} {terms} on {self.ex_date}"

"""The circuit breaker of an account, when it trips, and every time it did."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.tenancy import OrganisationOwned
from riskmgmt.domain.breaker import BreakerState, Cause, Parameters
from riskmgmt.domain.states import State
from trading.portfolio.models.account import AccountOwned

from .limits_cache import forget_limits_on_commit

BREAKER_STATES = [(state.value, state.value.replace("_", " ").capitalize()) for state in BreakerState]
CAUSES = [(cause.value, cause.value.replace("_", " ").capitalize()) for cause in Cause]


class BreakerRule(OrganisationOwned):
    """When the breaker of an account trips, from a day on; without an account, for all of the organisation.

    The newest rule of the account that is in force holds, else the organisation's, else the house's defaults.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(
        "portfolio.TradingAccount", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    valid_from = models.DateField()
    is_enabled = models.BooleanField(default=True)
    max_loss = models.DecimalField(
        max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(1))]
    )
    max_drawdown = models.DecimalField(
        max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(1))]
    )
    reject_count = models.PositiveIntegerField(null=True, blank=True)
    reject_seconds = models.PositiveIntegerField(default=60)
    broker_error_count = models.PositiveIntegerField(null=True, blank=True)
    broker_error_seconds = models.PositiveIntegerField(default=60)
    cool_off_seconds = models.PositiveIntegerField(default=300)
    probation_seconds = models.PositiveIntegerField(default=300)
    open_state = models.CharField(
        max_length=8,
        choices=[(s.value, s.value.capitalize()) for s in (State.REDUCING, State.HALTED)],
        default="REDUCING",
    )
    half_open_order_value = models.DecimalField(
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Largest opening order while the breaker is half open; empty lets only exits pass.",
    )

    class Meta:
        verbose_name = "account breaker rule"
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "valid_from"],
                condition=Q(account=None),
                name="breaker_rule_once_per_tenant",
            ),
            models.UniqueConstraint(fields=["account", "valid_from"], name="breaker_rule_once_per_account"),
            models.CheckConstraint(
                condition=Q(open_state__in=["REDUCING", "HALTED"]), name="breaker_open_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"breaker of {self.account or self.organisation} from {self.valid_from}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Save, and let every process read the rules anew."""
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        forget_limits_on_commit()

    @property
    def parameters(self) -> Parameters:
        """The rule as the state machine takes it."""
        return Parameters(
            is_enabled=self.is_enabled,
            max_loss=self.max_loss,
            max_drawdown=self.max_drawdown,
            reject_count=self.reject_count,
            reject_seconds=self.reject_seconds,
            broker_error_count=self.broker_error_count,
            broker_error_seconds=self.broker_error_seconds,
            cool_off_seconds=self.cool_off_seconds,
            probation_seconds=self.probation_seconds,
            open_state=State(self.open_state),
            half_open_order_value=self.half_open_order_value,
        )


class CircuitBreaker(AccountOwned):
    """Where an account's breaker stands; an account without a row has a closed one."""

    account = models.OneToOneField(
        "portfolio.TradingAccount", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=BREAKER_STATES, default=BreakerState.CLOSED.value)
    cause = models.CharField(max_length=14, choices=CAUSES, blank=True)
    reason = models.CharField(max_length=240, blank=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(BreakerState.__members__)), name="breaker_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"breaker of {self.account_id}: {self.state}"


class BreakerTransition(AccountOwned):
    """One move of a breaker, with what moved it. History: never changed."""

    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    from_state = models.CharField(max_length=10, choices=BREAKER_STATES)
    to_state = models.CharField(max_length=10, choices=BREAKER_STATES)
    cause = models.CharField(max_length=14, choices=CAUSES, blank=True)
    reason = models.CharField(max_length=240, blank=True)
    at = models.DateTimeField()
    by_label = models.CharField(max_length=150)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "-id"], name="breaker_transition_newest")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.from_state} to {self.to_state}"

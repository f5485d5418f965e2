"""Signals: everything that a run's strategy wanted, whether or not it was traded."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from core.ids import new_id
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.portfolio.models.account import AccountOwned
from trading.strategies.domain.runs.limits import approval_band
from trading.strategies.domain.runs.signals import SignalState

from .run import StrategyRun

_Choices = type[Side | OrderType | Product | Validity | SignalState]


def _choices(values: _Choices) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in values]


class Signal(AccountOwned):
    """One order that the strategy wanted; prices in rupees, times on the market's clock.

    `seq` counts from 1 within the run, and names the order: written before it, so that a crash in between doubles
    nothing. `key` says what in the strategy asked for it (the event, the instrument, the side, the how-manieth), so
    that an event told again after a crash finds its signal. Legs that stand or fall together share `batch`. `stop`,
    `target` and `trail` are a bracket's exits. `decision_price` is the last price when the strategy decided.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(StrategyRun, on_delete=models.PROTECT, related_name="signals")
    seq = models.PositiveIntegerField()
    key = models.CharField(max_length=180)
    batch = models.UUIDField(null=True, blank=True)
    instrument = models.ForeignKey("instruments.Instrument", on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=4, choices=_choices(Side))
    quantity = models.PositiveBigIntegerField()
    order_type = models.CharField(max_length=8, choices=_choices(OrderType))
    product = models.CharField(max_length=12, choices=_choices(Product))
    validity = models.CharField(max_length=4, choices=_choices(Validity), default=Validity.DAY)
    price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    trigger_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    is_bracket = models.BooleanField(default=False)
    stop = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    trail = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    tag = models.CharField(max_length=64, blank=True, default="")
    decision_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    decided_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=_choices(SignalState))
    code = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=255, blank=True, default="")
    answered_by = models.CharField(max_length=150, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    order = models.OneToOneField(
        "orders.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="signal"
    )

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "seq"], name="signal_seq_once"),
            models.UniqueConstraint(fields=["run", "key"], name="signal_key_once"),
            models.CheckConstraint(condition=Q(state__in=sorted(SignalState)), name="signal_state_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="signal_quantity_positive"),
            models.CheckConstraint(
                condition=~Q(state=SignalState.ORDERED) | Q(order__isnull=False), name="signal_ordered_has_order"
            ),
        ]
        indexes = [
            models.Index(fields=["run", "-seq"], name="signal_by_run"),
            models.Index(fields=["organisation", "-decided_at", "-id"], name="signal_by_tenant"),
            models.Index(fields=["run"], name="signal_unsettled", condition=Q(state__in=["WAITING", "READY"])),
            models.Index(fields=["decided_at"], name="signal_refused", condition=Q(state="REFUSED")),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.side} {self.quantity} {self.state}"

    @property
    def approve_from(self) -> Decimal | None:
        """The lowest price at which it can be approved; None where the run has no band."""
        band = approval_band(self.run.limits, self.decision_price)
        return None if band is None else band[0]

    @property
    def approve_to(self) -> Decimal | None:
        """The highest; None where the run has no band."""
        band = approval_band(self.run.limits, self.decision_price)
        return None if band is None else band[1]

    @property
    def client_order_id(self) -> str:
        """What its order is called: the run and the sequence."""
        return signal_name(self.run_id.hex, self.seq)


def signal_name(run_hex: str, seq: int) -> str:
    """The name of the order that a run's signal becomes."""
    return f"run-{run_hex}-{seq}"

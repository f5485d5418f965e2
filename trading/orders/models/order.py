"""An order row: what was asked for and how far it has come."""

from django.db import models
from django.db.models import F, Q

from core import clock
from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.brokers.domain.messages import BrokerOrder
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.orders.domain.intent import OrderIntent, Origin
from trading.orders.domain.modification import Standing
from trading.orders.domain.progress import Progress
from trading.orders.domain.states import LIVE, WORKING, OrderStatus
from trading.portfolio.models.account import AccountOwnedQuerySet

from .group import OrderGroup
from .trigger import Trigger, TriggerLeg

# The status code of an order that waits here for its session; cleared when it is released.
AFTER_MARKET = "after_market"


def _choices(values: type[OrderStatus | Side | OrderType | Product | Validity | Origin]) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in values]


class Order(OrganisationOwned):
    """Prices in rupees, amounts ending in `_paise` in integer paise, times on the market clock.

    `client_order_id` names the order within its account; `request_hash` tells a repeated request from a
    reused name. `worst_price` bounds every fill: the limit, or the edge of a MARKET order's protection
    band fixed on acceptance, so that the hold taken then covers whatever it may cost; an SL_M gets its band
    when it triggers. `decision_price` is what its execution is measured against (`domain.intent.decided_at`),
    empty where no price was known and of orders from before it was kept. `valid_on` is the exchange's date of the
    session that a DAY order is meant for: the next one for an order that came in after the market.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="orders")
    instrument = models.ForeignKey("instruments.Instrument", on_delete=models.PROTECT, related_name="+")
    client_order_id = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64, editable=False)
    side = models.CharField(max_length=4, choices=_choices(Side))
    quantity = models.PositiveBigIntegerField()
    order_type = models.CharField(max_length=8, choices=_choices(OrderType))
    product = models.CharField(max_length=12, choices=_choices(Product))
    validity = models.CharField(max_length=4, choices=_choices(Validity), default=Validity.DAY)
    price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    trigger_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    worst_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    decision_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    disclosed_quantity = models.PositiveBigIntegerField(default=0)
    is_after_market = models.BooleanField(default=False)
    valid_on = models.DateField(default=clock.trading_date)
    origin = models.CharField(max_length=8, choices=_choices(Origin), default=Origin.MANUAL)
    strategy = models.CharField(max_length=64, blank=True, default="")
    tag = models.CharField(max_length=64, blank=True, default="")
    group = models.ForeignKey(OrderGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="orders")
    leg = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Counts from 1 in the group; slices of one leg share it."
    )
    trigger = models.ForeignKey(
        Trigger, on_delete=models.PROTECT, null=True, blank=True, related_name="orders", db_index=False
    )
    trigger_leg = models.ForeignKey(
        TriggerLeg, on_delete=models.PROTECT, null=True, blank=True, related_name="orders", db_index=False
    )

    status = models.CharField(max_length=16, choices=_choices(OrderStatus), default=OrderStatus.PENDING_ROUTE)
    status_code = models.CharField(max_length=40, blank=True, default="")
    status_message = models.CharField(max_length=255, blank=True, default="")
    filled_quantity = models.PositiveBigIntegerField(default=0)
    average_price = models.DecimalField(max_digits=24, decimal_places=10, null=True, blank=True)
    triggered_at = models.DateTimeField(null=True, blank=True)
    charges_paise = models.BigIntegerField(default=0)
    hold_paise = models.BigIntegerField(default=0)
    broker_order_id = models.CharField(max_length=64, blank=True, default="")
    is_foreign = models.BooleanField(
        default=False, help_text="Found at the broker, not sent from here: adopted by the reconciliation."
    )
    placed_by = models.CharField(max_length=150)
    placed_by_user = models.UUIDField(
        null=True, blank=True, help_text="Whose limits it counts against: who placed it, else the account's owner."
    )
    event_seq = models.PositiveIntegerField(default=0, help_text="The sequence number of its latest event.")
    matched_sequence = models.BigIntegerField(
        null=True, blank=True, help_text="The quote it last traded against, which it must not use again."
    )
    matched_at = models.DateTimeField(null=True, blank=True)
    eligible_at = models.DateTimeField(
        null=True, blank=True, help_text="Exchange time of the first snapshot that it may match; any, if empty."
    )
    cancel_at = models.DateTimeField(
        null=True, blank=True, help_text="When a cancellation that is under way reaches the paper exchange."
    )
    priority_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it stands at its price; its creation, if empty."
    )
    queue_ahead = models.BigIntegerField(
        null=True, blank=True, help_text="Units displayed ahead of it when `queue_mark` was read; empty: not known."
    )
    queue_mark = models.BigIntegerField(default=0, help_text="The tape at its price from which its turn counts.")
    slice_left = models.BigIntegerField(
        null=True, blank=True, help_text="What the book still shows of an order with a disclosed quantity."
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = AccountOwnedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "client_order_id"], name="order_client_order_id_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_quantity_positive"),
            models.CheckConstraint(
                condition=Q(filled_quantity__gte=0, filled_quantity__lte=F("quantity")),
                name="order_filled_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.FILLED, filled_quantity=F("quantity"))
                | (~Q(status=OrderStatus.FILLED) & Q(filled_quantity__lt=F("quantity"))),
                name="order_filled_exactly_when_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status=OrderStatus.REJECTED) | Q(filled_quantity=0), name="order_rejected_has_no_fill"
            ),
            models.CheckConstraint(condition=Q(status__in=sorted(OrderStatus)), name="order_status_known"),
            models.CheckConstraint(condition=Q(side__in=sorted(Side)), name="order_side_known"),
            models.CheckConstraint(condition=Q(order_type__in=sorted(OrderType)), name="order_type_known"),
            models.CheckConstraint(condition=Q(product__in=sorted(Product)), name="order_product_known"),
            models.CheckConstraint(condition=Q(validity__in=sorted(Validity)), name="order_validity_known"),
            models.CheckConstraint(condition=Q(price__isnull=True) | Q(price__gt=0), name="order_price_positive"),
            models.CheckConstraint(
                condition=Q(decision_price__isnull=True) | Q(decision_price__gt=0),
                name="order_decision_price_positive",
            ),
            models.CheckConstraint(
                condition=~Q(order_type__in=[OrderType.LIMIT, OrderType.SL]) | Q(price__isnull=False),
                name="order_limit_has_price",
            ),
            models.CheckConstraint(
                condition=~Q(order_type__in=[OrderType.SL, OrderType.SL_M]) | Q(trigger_price__gt=0),
                name="order_stop_has_trigger",
            ),
            models.CheckConstraint(
                condition=Q(disclosed_quantity__lte=F("quantity")), name="order_disclosed_within_quantity"
            ),
            models.CheckConstraint(
                condition=Q(hold_paise=0) | (Q(hold_paise__gt=0) & Q(status__in=sorted(LIVE))),
                name="order_hold_only_while_live",
            ),
            models.CheckConstraint(
                condition=Q(group__isnull=True, leg__isnull=True) | Q(group__isnull=False, leg__gte=1),
                name="order_leg_only_in_group",
            ),
        ]
        indexes = [
            models.Index(
                fields=["instrument"], name="order_working_by_instrument", condition=Q(status__in=sorted(WORKING))
            ),
            models.Index(
                fields=["account", "instrument"], name="order_live_by_account", condition=Q(status__in=sorted(LIVE))
            ),
            models.Index(fields=["account", "-created_at", "-id"], name="order_by_account_newest"),
            models.Index(fields=["organisation", "-created_at", "-id"], name="order_by_tenant_newest"),
            # Partial, so that the many orders of no trigger pay nothing for it.
            models.Index(
                fields=["trigger", "trigger_leg"],
                name="order_by_trigger",
                condition=Q(trigger__isnull=False),
            ),
            models.Index(
                fields=["account", "strategy", "-created_at"], name="order_by_strategy", condition=~Q(strategy="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.quantity} {self.order_type} {self.status}"

    @property
    def pending_quantity(self) -> int:
        """What may still trade."""
        return self.progress.pending_quantity

    @property
    def progress(self) -> Progress:
        return Progress(
            quantity=self.quantity,
            status=OrderStatus(self.status),
            filled_quantity=self.filled_quantity,
            average_price=self.average_price,
            waits_for_trigger=self.waits_for_trigger,
        )

    @property
    def standing(self) -> Standing:
        """How far it has come, for what may still be changed of it."""
        return Standing(
            status=OrderStatus(self.status),
            filled_quantity=self.filled_quantity,
            is_queued=self.is_queued,
            is_triggered=self.triggered_at is not None,
        )

    @property
    def is_queued(self) -> bool:
        """Whether it waits here for its session, unknown to any broker."""
        return self.status == OrderStatus.PENDING_ROUTE and self.status_code == AFTER_MARKET

    @property
    def waits_for_trigger(self) -> bool:
        """Whether this is a stop order that the market has not reached."""
        return OrderType(self.order_type).is_stop and self.triggered_at is None

    def to_broker_order(self, key: str) -> BrokerOrder:
        """The order as a broker needs it; `key` is its instrument's canonical key."""
        return BrokerOrder(
            tag=self.id.hex,
            key=key,
            side=Side(self.side),
            quantity=self.quantity,
            filled_quantity=self.filled_quantity,
            order_type=OrderType(self.order_type),
            product=Product(self.product),
            validity=Validity(self.validity),
            price=self.worst_price,
            trigger_price=self.trigger_price,
            is_triggered=self.triggered_at is not None,
            disclosed_quantity=self.disclosed_quantity,
        )

    def to_intent(self, key: str) -> OrderIntent:
        """What was asked for, with the modifications since; a stop that has triggered is what it has become."""
        order_type, trigger_price = OrderType(self.order_type), self.trigger_price
        if self.triggered_at is not None:
            order_type, trigger_price = (OrderType.LIMIT if order_type.has_limit else OrderType.MARKET), None
        return OrderIntent(
            account_id=self.account_id,
            key=key,
            side=Side(self.side),
            quantity=self.quantity,
            order_type=order_type,
            product=Product(self.product),
            client_order_id=self.client_order_id,
            validity=Validity(self.validity),
            price=self.price,
            trigger_price=trigger_price,
            disclosed_quantity=self.disclosed_quantity,
            origin=Origin(self.origin),
            strategy=self.strategy,
            tag=self.tag,
            after_market=self.is_after_market,
        )

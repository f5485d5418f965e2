"""What brokers told in files: kept as told, beside our own book and never part of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from analytics.domain.statements import StatementKind
from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.brokers.domain.terms import Side
from trading.portfolio.models.account import AccountOwned

_SIDES = [side.value for side in Side]


class Statement(AccountOwned):
    """One imported file of an account.

    `digest` is the SHA-256 of its bytes: the same file is one statement, however often it is sent. `first_day` and
    `last_day` bound what it tells; holdings are of one day. The charges are a contract note's, in rupees, as lines
    of `NoteCharges`; empty where the file has no such line.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=[(each.value, each.value) for each in StatementKind])
    format = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    first_day = models.DateField()
    last_day = models.DateField()
    rows = models.PositiveIntegerField(help_text="Rows of this file that were new.")
    repeated = models.PositiveIntegerField(default=0, help_text="Rows that an earlier file had told already.")
    skipped = models.PositiveIntegerField(default=0, help_text="Rows below the header that belong to no table.")
    brokerage = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    exchange_charges = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    stt = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    sebi = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    stamp = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    gst = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    net = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["-imported_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "digest"], name="statement_file_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[each.value for each in StatementKind]), name="statement_kind_known"
            ),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="statement_span_in_order"),
        ]
        indexes = [
            models.Index(fields=["account", "-imported_at", "-id"], name="statement_by_account"),
            models.Index(fields=["organisation", "-imported_at", "-id"], name="statement_by_tenant"),
        ]

    def __str__(self) -> str:
        return self.file_name


class StatementFault(OrganisationOwned):
    """A row of a statement that was left out because it could not be read; `row` as people count them."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="faults")
    row = models.PositiveIntegerField()
    code = models.CharField(max_length=32)
    detail = models.CharField(max_length=200)

    class Meta:
        ordering = ["row", "id"]

    def __str__(self) -> str:
        return f"row {self.row}: {self.code}"


class StatementRow(AccountOwned):
    """A row that a broker told. `identity` says what it tells, so that no other file tells it again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="%(class)ss")
    row = models.PositiveIntegerField()
    day = models.DateField()
    identity = models.CharField(max_length=64)

    class Meta:
        abstract = True


class StatementTrade(StatementRow):
    """A trade as the broker tells it; `symbol` is the broker's word, `instrument` ours where it was understood."""

    instrument = models.ForeignKey(
        "instruments.Instrument", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    symbol = models.CharField(max_length=120)
    isin = models.CharField(max_length=12, blank=True)
    exchange = models.CharField(max_length=16, blank=True)
    side = models.CharField(max_length=4)
    quantity = models.PositiveBigIntegerField()
    price = models.DecimalField(max_digits=18, decimal_places=6)
    traded_at = models.DateTimeField(null=True, blank=True)
    trade_id = models.CharField(max_length=40, blank=True)
    order_id = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["day", "traded_at", "row"]
        constraints = [
            models.UniqueConstraint(fields=["account", "identity"], name="statement_trade_once"),
            models.CheckConstraint(condition=Q(side__in=_SIDES), name="statement_trade_side_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0, price__gt=0), name="statement_trade_positive"),
        ]
        indexes = [models.Index(fields=["account", "day"], name="statement_trade_by_day")]

    def __str__(self) -> str:
        return f"{self.side} {self.quantity} {self.symbol} at {self.price}"


class StatementLine(StatementRow):
    """A line of the money account at the broker; `amount` rupees, positive for what the client received."""

    text = models.CharField(max_length=300)
    voucher = models.CharField(max_length=100, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    balance = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["day", "row"]
        constraints = [models.UniqueConstraint(fields=["account", "identity"], name="statement_line_once")]
        indexes = [models.Index(fields=["account", "day"], name="statement_line_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.text} {self.amount}"


class StatementHolding(StatementRow):
    """What lies in the demat account at the end of a day: a snapshot of the account as the broker sees it."""

    instrument = models.ForeignKey(
        "instruments.Instrument", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    symbol = models.CharField(max_length=120)
    isin = models.CharField(max_length=12, blank=True)
    quantity = models.PositiveBigIntegerField()
    average_price = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    last_price = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering = ["day", "symbol", "row"]
        constraints = [models.UniqueConstraint(fields=["account", "identity"], name="statement_holding_once")]
        indexes = [models.Index(fields=["account", "day"], name="statement_holding_by_day")]

    def __str__(self) -> str:
        return f"{self.quantity} {self.symbol}"

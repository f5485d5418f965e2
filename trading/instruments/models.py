"""The instrument master, broker tokens, import runs and the exchange calendar. Shared by all organisations."""

from django.db import models
from django.db.models import F, Q

from .domain.calendar import DayKind
from .domain.keys import Exchange
from .domain.sessions import Phase, Segment


class InstrumentType(models.TextChoices):
    """What an instrument is; the order of the members is the order in which search shows them."""

    INDEX = "INDEX", "Index"
    EQUITY = "EQ", "Equity"
    ETF = "ETF", "Exchange-traded fund"
    DEBT = "DEBT", "Debt security"
    FUTURE = "FUT", "Future"
    CALL = "CE", "Call option"
    PUT = "PE", "Put option"


class Source(models.TextChoices):
    """Who published an instrument master, and so whose tokens it holds."""

    UPSTOX = "upstox", "Upstox"
    KITE = "kite", "Kite"
    NSE = "nse", "NSE"
    SIMULATED = "simulated", "Simulated"


DERIVATIVE_TYPES = (InstrumentType.FUTURE, InstrumentType.CALL, InstrumentType.PUT)
OPTION_TYPES = (InstrumentType.CALL, InstrumentType.PUT)


def _choices(values: type[Exchange] | type[DayKind] | type[Phase] | type[Segment]) -> list[tuple[str, str]]:
    return [(value.value, value.value.replace("_", " ").capitalize()) for value in values]


class Instrument(models.Model):
    """Something that has a price at an exchange. Prices, strikes and ticks in rupees, quantities in units."""

    key = models.CharField(max_length=44, unique=True)
    exchange = models.CharField(max_length=3, choices=[(e.value, e.value) for e in Exchange])
    symbol = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    instrument_type = models.CharField(max_length=5, choices=InstrumentType.choices)
    underlying = models.CharField(max_length=40, blank=True, default="")
    expiry = models.DateField(null=True, blank=True)
    strike = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    lot_size = models.PositiveIntegerField(default=1)
    tick_size = models.DecimalField(max_digits=10, decimal_places=4)
    freeze_quantity = models.PositiveBigIntegerField(null=True, blank=True)
    isin = models.CharField(max_length=12, blank=True, default="")
    has_derivatives = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["exchange", "symbol"], name="instrument_exchange_symbol"),
            models.CheckConstraint(condition=Q(lot_size__gte=1), name="instrument_lot_size_positive"),
            models.CheckConstraint(condition=Q(tick_size__gt=0), name="instrument_tick_size_positive"),
            models.CheckConstraint(
                condition=Q(freeze_quantity=None) | Q(freeze_quantity__gte=1),
                name="instrument_freeze_quantity_positive",
            ),
            models.CheckConstraint(
                condition=Q(instrument_type__in=DERIVATIVE_TYPES, expiry__isnull=False)
                | (~Q(instrument_type__in=DERIVATIVE_TYPES) & Q(expiry=None)),
                name="instrument_contract_has_expiry",
            ),
            models.CheckConstraint(
                condition=Q(instrument_type__in=OPTION_TYPES, strike__gt=0)
                | (~Q(instrument_type__in=OPTION_TYPES) & Q(strike=None)),
                name="instrument_option_has_strike",
            ),
        ]
        indexes = [
            models.Index(
                fields=["underlying", "expiry", "strike"],
                name="instrument_contracts",
                opclasses=["varchar_pattern_ops", "date_ops", "numeric_ops"],
                condition=~Q(underlying=""),
            ),
            models.Index(
                fields=["underlying", "expiry"],
                name="instrument_futures",
                opclasses=["varchar_pattern_ops", "date_ops"],
                condition=Q(instrument_type=InstrumentType.FUTURE),
            ),
            models.Index(
                fields=["symbol"],
                name="instrument_cash_symbol",
                opclasses=["varchar_pattern_ops"],
                condition=Q(underlying=""),
            ),
            models.Index(fields=["symbol"], name="instrument_symbol", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_tradable(self) -> bool:
        """False for an index: it has a price, but nobody can own it."""
        return self.instrument_type != InstrumentType.INDEX


class BrokerToken(models.Model):
    """What a broker calls an instrument from `valid_from` to `valid_to` (both included).

    Brokers reuse tokens after an expiry, so a token means something only together with a date.
    """

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="tokens")
    source = models.CharField(max_length=10, choices=Source.choices)
    token = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["source", "token", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["source", "token", "valid_from"], name="broker_token_once_a_day"),
            models.UniqueConstraint(
                fields=["source", "token"], condition=Q(valid_to=None), name="broker_token_open_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="broker_token_span"
            ),
        ]
        indexes = [models.Index(fields=["instrument", "source"], name="broker_token_of_instrument")]

    def __str__(self) -> str:
        return f"{self.source} {self.token}"


class ImportRun(models.Model):
    """One finished import of an instrument master; a failed one leaves no trace."""

    source = models.CharField(max_length=10, choices=Source.choices)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    master_date = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    rows_read = models.PositiveIntegerField()
    created = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    tokens_opened = models.PositiveIntegerField()
    tokens_closed = models.PositiveIntegerField()

    class Meta:
        ordering = ["-finished_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_read=F("created") + F("updated") + F("unchanged") + F("rejected")),
                name="import_run_counts_every_row",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.master_date}: {self.filename}"


class RejectedRow(models.Model):
    """A row that an import refused, with the place to look and the reason."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rejected_rows")
    row_number = models.PositiveIntegerField()
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=300)

    class Meta:
        ordering = ["run", "row_number"]
        constraints = [models.UniqueConstraint(fields=["run", "row_number"], name="rejected_row_once")]

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.reason}"


class CalendarDay(models.Model):
    """A day on which an exchange departs from its weekday rule; one row for each of its sessions (IST)."""

    calendar = models.CharField(max_length=3)
    date = models.DateField()
    kind = models.CharField(max_length=7, choices=_choices(DayKind))
    name = models.CharField(max_length=100)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["calendar", "date", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date", "opens"], name="calendar_day_session_once"),
            models.UniqueConstraint(
                fields=["calendar", "date"], condition=Q(kind=DayKind.HOLIDAY), name="calendar_day_holiday_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=DayKind.HOLIDAY, opens=None, closes=None)
                | (~Q(kind=DayKind.HOLIDAY) & Q(opens__isnull=False, closes__gt=F("opens"))),
                name="calendar_day_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.date}: {self.name}"


class SessionRule(models.Model):
    """From `valid_from` to `valid_to` a segment is in `phase` between two times of day (IST)."""

    segment = models.CharField(max_length=20, choices=_choices(Segment))
    phase = models.CharField(max_length=16, choices=_choices(Phase))
    starts = models.TimeField()
    ends = models.TimeField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["segment", "valid_from", "starts"]
        constraints = [
            models.UniqueConstraint(fields=["segment", "phase", "valid_from"], name="session_rule_once"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="session_rule_hours"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="session_rule_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment} {self.phase} {self.starts:%H:%M}–{self.ends:%H:%M} from {self.valid_from}"


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
        terms = (
            f"of {self.amount}" if self.kind == self.Kind.DIVIDEND else f"{self.ratio_held} into {self.ratio_after}"
        )
        return f"{self.instrument} {self.kind.lower()} {terms} on {self.ex_date}"

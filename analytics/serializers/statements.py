"""Statements in JSON, and what an upload brings."""

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analytics.domain.statements import FIELDS, FORMATS, StatementKind
from analytics.domain.statements.reconcile import Difference
from analytics.models import Statement, StatementHolding, StatementLine, StatementTrade
from analytics.selectors.statements import Comparison
from analytics.services.statements import Preview
from analytics.services.statements.opening import Way
from core.api.fields import PriceField

KINDS = [each.value for each in StatementKind]
_LONGEST_MAPPING = 4_000


class StatementsQuery(serializers.Serializer[Any]):
    """Filters of the list."""

    account = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=KINDS, required=False)


@extend_schema_field({"type": "string", "description": "A JSON object: field to column heading."})
class MappingField(serializers.Field[dict[str, str], str, dict[str, str], Any]):
    """A JSON object of texts, as a part of a form carries it."""

    default_error_messages = {"not_an_object": "Give a JSON object of fields and column headings."}

    def to_internal_value(self, data: Any) -> dict[str, str]:
        try:
            found = json.loads(data or "{}") if isinstance(data, str) and len(data) <= _LONGEST_MAPPING else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
            self.fail("not_an_object")
        return found

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return value


class WayInput(serializers.Serializer[Any]):
    """A file, and how it is to be read; what is left out, the file says itself."""

    file = serializers.FileField(allow_empty_file=True)
    format = serializers.ChoiceField(choices=list(FORMATS), required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=KINDS, required=False, allow_blank=True, default="")
    mapping = MappingField(required=False, default=dict)
    day = serializers.DateField(required=False, allow_null=True, default=None)
    day_first = serializers.BooleanField(required=False, default=True)
    sheet = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    password = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)

    @staticmethod
    def way(data: dict[str, Any]) -> Way:
        """What the services read by."""
        return Way(
            format=data["format"],
            kind=StatementKind(data["kind"]) if data["kind"] else None,
            mapping=data["mapping"],
            day=data["day"],
            day_first=data["day_first"],
            sheet=data["sheet"],
            password=data["password"],
        )


class StatementInput(WayInput):
    """A file to be kept beside an account."""

    account = serializers.UUIDField()
    leave_out_faults = serializers.BooleanField(required=False, default=False)


class FaultSerializer(serializers.Serializer[Any]):
    """A row that was left out."""

    row = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()


class StatementSerializer(serializers.Serializer[Statement]):
    """One imported file."""

    id = serializers.UUIDField()
    account = serializers.UUIDField(source="account_id")
    kind = serializers.ChoiceField(choices=KINDS)
    format = serializers.CharField()
    file_name = serializers.CharField()
    digest = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    rows = serializers.IntegerField()
    repeated = serializers.IntegerField()
    skipped = serializers.IntegerField()
    imported_by = serializers.CharField(source="imported_by.email")
    imported_at = serializers.DateTimeField()


class StatementDetailSerializer(StatementSerializer):
    """With the rows that were left out."""

    faults = FaultSerializer(many=True)


class PreviewSerializer(serializers.Serializer[Preview]):
    """What a mapping is made from."""

    sheets = serializers.ListField(child=serializers.CharField(allow_blank=True))
    sheet = serializers.CharField(allow_blank=True)
    format = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=KINDS)
    columns = serializers.ListField(child=serializers.CharField())
    samples = serializers.ListField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))
    mapping = serializers.DictField(child=serializers.CharField())
    day = serializers.DateField(allow_null=True)


class StatementFormatSerializer(serializers.Serializer[Any]):
    """A file that is known by its header."""

    key = serializers.CharField()
    broker = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    title = serializers.CharField()


class StatementFieldSerializer(serializers.Serializer[Any]):
    """What a column may be mapped to."""

    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField()
    title = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]


class StatementFormatsSerializer(serializers.Serializer[Any]):
    """All known files, and all fields of a mapping."""

    formats = StatementFormatSerializer(many=True)
    fields = StatementFieldSerializer(many=True)  # type: ignore[assignment]


class StatementRowSerializer(serializers.Serializer[Any]):
    """A row as told; which fields are filled depends on the kind."""

    id = serializers.UUIDField()
    row = serializers.IntegerField()
    day = serializers.DateField()
    symbol = serializers.CharField(required=False)
    instrument = serializers.CharField(
        required=False, allow_null=True, help_text="Our key, where it was understood."
    )
    side = serializers.CharField(required=False)
    quantity = serializers.IntegerField(required=False)
    price = PriceField(required=False)
    trade_id = serializers.CharField(required=False)
    order_id = serializers.CharField(required=False)
    average_price = PriceField(required=False, allow_null=True)
    text = serializers.CharField(required=False)
    voucher = serializers.CharField(required=False)
    amount = PriceField(required=False)
    balance = PriceField(required=False, allow_null=True)


class ComparedTradeSerializer(serializers.Serializer[Any]):
    """A trade of one side of the comparison."""

    id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    price = PriceField()
    trade_id = serializers.CharField(allow_blank=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    """What does not agree of one day, instrument and side."""

    kind = serializers.ChoiceField(choices=["NOT_HERE", "NOT_THERE", "DIFFERENT"])
    day = serializers.DateField()
    symbol = serializers.CharField()
    side = serializers.CharField()
    quantity_gap = serializers.IntegerField(help_text="Units that the statement has more.")
    value_gap = PriceField(help_text="Rupees of turnover that the statement has more.")
    told = ComparedTradeSerializer(many=True)
    ours = ComparedTradeSerializer(many=True)


class ChargeGapSerializer(serializers.Serializer[Any]):
    """A line of charges."""

    name = serializers.CharField()
    told = PriceField(allow_null=True)
    ours = PriceField()
    agrees = serializers.BooleanField()


class HoldingGapSerializer(serializers.Serializer[Any]):
    """Units that differ."""

    symbol = serializers.CharField()
    told = serializers.IntegerField()
    ours = serializers.IntegerField()


class LedgerGapSerializer(serializers.Serializer[Any]):
    """The balance after a day."""

    day = serializers.DateField()
    told = PriceField()
    ours = PriceField()


class ComparisonSerializer(serializers.Serializer[Any]):
    """A statement against our own book; null where that is not of this kind."""

    agrees = serializers.BooleanField()
    matched = serializers.IntegerField(allow_null=True, help_text="Trades of the statement's days that agree.")
    differences = DifferenceSerializer(many=True)
    charges = ChargeGapSerializer(many=True)
    holdings = HoldingGapSerializer(many=True, allow_null=True)
    ledger = LedgerGapSerializer(allow_null=True)


def row_shape(row: StatementTrade | StatementLine | StatementHolding) -> dict[str, Any]:
    """A row as JSON tells it; raw values for `StatementRowSerializer`."""
    shape: dict[str, Any] = {"id": row.id, "row": row.row, "day": row.day}
    if isinstance(row, StatementLine):
        return shape | {"text": row.text, "voucher": row.voucher, "amount": row.amount, "balance": row.balance}
    shape |= {
        "symbol": row.symbol,
        "instrument": row.instrument.key if row.instrument else None,
        "quantity": row.quantity,
    }
    if isinstance(row, StatementHolding):
        return shape | {"average_price": row.average_price}
    return shape | {"side": row.side, "price": row.price, "trade_id": row.trade_id, "order_id": row.order_id}


def comparison_shape(comparison: Comparison) -> dict[str, Any]:
    """A comparison for `ComparisonSerializer`."""
    trades = comparison.trades
    return {
        "agrees": comparison.agrees,
        "matched": None if trades is None else trades.matched,
        "differences": [] if trades is None else [_difference(each) for each in trades.differences],
        "charges": comparison.charges,
        "holdings": comparison.holdings,
        "ledger": comparison.ledger,
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "day": found.day,
        "symbol": found.instrument,
        "side": found.side,
        "quantity_gap": found.quantity_gap,
        "value_gap": found.value_gap,
        "told": found.told,
        "ours": found.ours,
    }


def formats_shape() -> dict[str, Any]:
    """All known files and fields."""
    fields = [
        {"kind": kind, "name": each.name, "title": each.title, "required": each.required}
        for kind, listed in FIELDS.items()
        for each in listed
    ]
    return {"formats": list(FORMATS.values()), "fields": fields}

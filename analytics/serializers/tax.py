"""What a resident declares, exports and conventions, in the API."""

from typing import Any

from rest_framework import serializers

from analytics.domain.tax.rates import Term
from analytics.domain.tax.report import BusinessHead, GainsHead, TaxReport
from analytics.models import ReportingConventions
from analytics.selectors.conventions import Reckoning
from analytics.selectors.exports import Format, Table
from analytics.selectors.history import History
from analytics.serializers.scope import ScopeQuery
from core.api.fields import PriceField
from core.clock import IST
from core.money import rupee_text

FIRST_YEAR, LAST_YEAR = 2000, 2100
DISCLAIMER = (
    "Arithmetic over the trades recorded here, not tax advice: no surcharge, cess, rebate, grandfathering,"
    " set-off across heads or losses carried forward."
)


class TaxQuery(serializers.Serializer[Any]):
    """Which account, and which financial year (by the calendar year in which it begins)."""

    account = serializers.UUIDField(required=False)
    year = serializers.IntegerField(required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR)


class BusinessHeadSerializer(serializers.Serializer[Any]):
    """A business of a year; `turnover` is the sum of all differences without their signs."""

    trades = serializers.IntegerField()
    profit = PriceField()
    loss = PriceField()
    charges = PriceField()
    result = PriceField()
    turnover = PriceField()


class GainsHeadSerializer(serializers.Serializer[Any]):
    """Capital gains of a term."""

    trades = serializers.IntegerField()
    sales = PriceField()
    net = PriceField()
    exemption = PriceField()
    taxable = PriceField()
    tax = PriceField()


class GainSerializer(serializers.Serializer[Any]):
    """One delivered sale."""

    term = serializers.ChoiceField(choices=[term.value for term in Term])
    symbol = serializers.CharField()
    quantity = serializers.IntegerField()
    bought = serializers.DateField()
    sold = serializers.DateField()
    gain = PriceField()
    rate = serializers.CharField(allow_null=True)


class TaxSerializer(serializers.Serializer[Any]):
    """A financial year."""

    year = serializers.CharField()
    speculative = BusinessHeadSerializer()
    non_speculative = BusinessHeadSerializer()
    short_term = GainsHeadSerializer()
    long_term = GainsHeadSerializer()
    dividends = PriceField()
    turnover = PriceField()
    gains = GainSerializer(many=True)
    disclaimer = serializers.CharField()


class ExportQuery(ScopeQuery):
    """What to take away, and as what. `format` would be DRF's own word."""

    table = serializers.ChoiceField(choices=[each.value for each in Table])
    file = serializers.ChoiceField(choices=[each.value for each in Format], default=Format.CSV.value)
    year = serializers.IntegerField(required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR)


class ConventionsInput(serializers.Serializer[Any]):
    """How figures are to be reckoned."""

    periods_per_year = serializers.IntegerField(min_value=200, max_value=366)
    risk_free = serializers.DecimalField(max_digits=6, decimal_places=5)
    confidence = serializers.DecimalField(max_digits=5, decimal_places=4)
    index = serializers.CharField(max_length=60)


def _business(head: BusinessHead) -> dict[str, Any]:
    return {
        "trades": head.trades,
        "profit": rupee_text(head.profit_paise),
        "loss": rupee_text(head.loss_paise),
        "charges": rupee_text(head.charges_paise),
        "result": rupee_text(head.result_paise),
        "turnover": rupee_text(head.turnover_paise),
    }


def _gains(head: GainsHead) -> dict[str, Any]:
    return {
        "trades": head.trades,
        "sales": rupee_text(head.sales_paise),
        "net": rupee_text(head.net_paise),
        "exemption": rupee_text(head.exemption_paise),
        "taxable": rupee_text(head.taxable_paise),
        "tax": rupee_text(head.tax_paise),
    }


def tax_shape(report: TaxReport, history: History) -> dict[str, Any]:
    """`GET analytics/tax`."""
    return {
        "year": report.label,
        "speculative": _business(report.speculative),
        "non_speculative": _business(report.business),
        "short_term": _gains(report.short_term),
        "long_term": _gains(report.long_term),
        "dividends": rupee_text(report.dividends_paise),
        "turnover": rupee_text(report.turnover_paise),
        "gains": [
            {
                "term": gain.term.value,
                "symbol": history.instruments[gain.trade.instrument_id].key,
                "quantity": abs(gain.trade.trip.quantity),
                "bought": gain.trade.trip.opened_at.astimezone(IST).date(),
                "sold": gain.trade.trip.closed_at.astimezone(IST).date(),
                "gain": rupee_text(gain.gain_paise),
                "rate": None if gain.rate is None else str(gain.rate),
            }
            for gain in report.gains
        ],
        "disclaimer": DISCLAIMER,
    }


def reckoning_shape(found: Reckoning | ReportingConventions) -> dict[str, Any]:
    """`GET analytics/conventions`."""
    kept = found.conventions if isinstance(found, Reckoning) else found.domain
    return {
        "periods_per_year": kept.periods_per_year,
        "risk_free": kept.risk_free,
        "confidence": kept.confidence,
        "index": found.index_key,
    }

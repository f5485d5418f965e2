"""Closed trades."""

from typing import Any

from rest_framework import serializers

from analytics.domain.calendar import net_in_paise
from analytics.selectors.executions import TradeRow
from analytics.serializers.numbers import number_field
from analytics.serializers.scope import ScopeQuery
from core.api.fields import InstantField, PriceField
from core.money import rupee_text


class TradesQuery(ScopeQuery):
    """Which trades, and from which of them on; the newest is number 0."""

    limit = serializers.IntegerField(required=False, min_value=1, max_value=200, default=50)
    offset = serializers.IntegerField(required=False, min_value=0, default=0)


class ClosedTradeSerializer(serializers.Serializer[Any]):
    """Units opened and closed again; prices in rupees a unit, excursions as fractions of the entry."""

    account = serializers.UUIDField()
    symbol = serializers.CharField()
    product = serializers.CharField()
    strategy = serializers.CharField(allow_blank=True)
    tag = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField(help_text="Negative: sold first.")
    opened_at = InstantField()
    closed_at = InstantField()
    held_seconds = serializers.IntegerField()
    entry_price = PriceField()
    exit_price = PriceField()
    gross_pnl = PriceField()
    charges = PriceField()
    net_pnl = PriceField()
    mae = number_field()
    mfe = number_field()


class TradeListSerializer(serializers.Serializer[Any]):
    """Trades, the last closed first."""

    count = serializers.IntegerField()
    next_offset = serializers.IntegerField(allow_null=True)
    results = ClosedTradeSerializer(many=True)


def trade_shape(row: TradeRow) -> dict[str, Any]:
    """One row of `GET analytics/trades`."""
    trip, position = row.trade.trip, row.trade.position
    net = net_in_paise(trip)
    return {
        "account": position.account_id,
        "symbol": row.symbol,
        "product": position.product,
        "strategy": position.strategy,
        "tag": row.trade.tag,
        "quantity": trip.quantity,
        "opened_at": trip.opened_at,
        "closed_at": trip.closed_at,
        "held_seconds": int(trip.held.total_seconds()),
        "entry_price": f"{trip.entry_price:.4f}",
        "exit_price": f"{trip.exit_price:.4f}",
        "gross_pnl": rupee_text(net + trip.charges_paise),
        "charges": rupee_text(trip.charges_paise),
        "net_pnl": rupee_text(net),
        "mae": row.excursion.adverse if row.excursion else None,
        "mfe": row.excursion.favourable if row.excursion else None,
    }

"""Stored days."""

from typing import Any

from rest_framework import serializers

from analytics.models import PerformanceSnapshot
from core.api.fields import PriceField
from core.money import rupee_text


class SnapshotsQuery(serializers.Serializer[Any]):
    """Which snapshots."""

    account = serializers.UUIDField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            **super().get_fields(),
            "from": serializers.DateField(required=False),
            "to": serializers.DateField(required=False),
        }


class SnapshotSerializer(serializers.Serializer[Any]):
    """An account's day."""

    account = serializers.UUIDField()
    day = serializers.DateField()
    equity = PriceField()
    cash = PriceField()
    unrealised = PriceField()
    net_pnl = PriceField()
    charges = PriceField()
    deposits = PriceField()
    withdrawals = PriceField()
    turnover = PriceField()
    fills = serializers.IntegerField()
    open_positions = serializers.IntegerField()
    unpriced = serializers.IntegerField()
    taken_at = serializers.DateTimeField()


def snapshot_shape(row: PerformanceSnapshot) -> dict[str, Any]:
    """One row of `GET analytics/snapshots`."""
    return {
        "account": row.account_id,
        "day": row.day,
        "equity": rupee_text(row.equity_paise),
        "cash": rupee_text(row.cash_paise),
        "unrealised": rupee_text(row.unrealised_paise),
        "net_pnl": rupee_text(row.gain_paise),
        "charges": rupee_text(row.charges_paise),
        "deposits": rupee_text(row.deposits_paise),
        "withdrawals": rupee_text(row.withdrawals_paise),
        "turnover": rupee_text(row.traded_paise),
        "fills": row.fills,
        "open_positions": row.open_positions,
        "unpriced": row.unpriced,
        "taken_at": row.taken_at,
    }

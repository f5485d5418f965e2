"""Position sizing in the API."""

from typing import Any

from rest_framework import serializers

from core.api.fields import PriceField
from trading.brokers.domain.terms import Side

from ..domain.sizing import Method


def _number(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=17, decimal_places=4, required=False, **kwargs)


class SizingInput(serializers.Serializer[Any]):
    """A question of size. Capital defaults to the account's equity, the price to the last one."""

    account = serializers.UUIDField()
    symbol = serializers.CharField(max_length=64)
    method = serializers.ChoiceField(choices=[str(method) for method in Method])
    side = serializers.ChoiceField(choices=[str(side) for side in Side], default=str(Side.BUY))
    capital = _number(help_text="Rupees; left out: the account's equity.")
    price = _number(help_text="Entry in rupees; left out: the last price.")
    percent = _number(help_text="Of the capital: what is put in, or what may be lost.")
    stop_price = _number(help_text="RISK_PER_TRADE: where the trade is given up.")
    atr = _number(help_text="VOLATILITY: rupees; left out: measured from candles.")
    atr_multiple = _number(help_text="VOLATILITY: how many ATRs against the trade (2).")
    atr_period = serializers.IntegerField(required=False, default=14)
    atr_interval = serializers.ChoiceField(choices=["1m", "3m", "5m", "15m", "30m", "1h", "1d"], default="1d")
    win_rate = _number(help_text="KELLY: per cent of trades that gain.")
    payoff_ratio = _number(help_text="KELLY: average gain over average loss.")
    kelly_fraction = _number(help_text="KELLY: the part of Kelly's share that is taken (0.5).")
    cap_percent = _number(help_text="KELLY: at most so much of the capital (25).")


class SizingSerializer(serializers.Serializer[Any]):
    """The size, in units, lots and orders."""

    symbol = serializers.CharField()
    method = serializers.ChoiceField(choices=[str(method) for method in Method])
    quantity = serializers.IntegerField()
    lots = serializers.IntegerField()
    lot_size = serializers.IntegerField()
    orders = serializers.ListField(child=serializers.IntegerField())
    price = PriceField()
    capital = PriceField()
    value = PriceField()
    risk = PriceField(allow_null=True)
    percent = PriceField()
    atr = PriceField(allow_null=True)
    reason = serializers.CharField(
        allow_blank=True,
        help_text="below_one_lot, no_edge, kelly_capped, quantity_capped, above_capital, or empty.",
    )

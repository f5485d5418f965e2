"""What the API's answers on options and futures look like, for the schema; `options` and `futures` write them."""

from rest_framework import serializers

from core.api.fields import InstantField, PriceField

from ..domain.options.chain import ForwardSource, Premium


class LegSerializer(serializers.Serializer[object]):
    """One contract of a chain."""

    symbol = serializers.CharField()
    ltp = PriceField(allow_null=True)
    change = PriceField(allow_null=True, help_text="Since the previous session's close")
    bid = PriceField(allow_null=True)
    ask = PriceField(allow_null=True)
    bid_quantity = serializers.IntegerField()
    ask_quantity = serializers.IntegerField()
    volume = serializers.IntegerField(help_text="Units since the session's start")
    oi = serializers.IntegerField()
    oi_change = serializers.IntegerField(allow_null=True, help_text="Since the previous session's end")
    iv = serializers.FloatField(allow_null=True, help_text="Per cent a year; null where the price implies none")
    delta = serializers.FloatField(allow_null=True)
    gamma = serializers.FloatField(allow_null=True, help_text="Delta per rupee of the underlying")
    theta = serializers.FloatField(allow_null=True, help_text="Rupees per calendar day")
    vega = serializers.FloatField(allow_null=True, help_text="Rupees per point of volatility")
    rho = serializers.FloatField(allow_null=True, help_text="Rupees per point of interest")
    intrinsic = PriceField(allow_null=True, help_text="Against the forward")
    time_value = PriceField(allow_null=True)
    priced_by = serializers.ChoiceField(
        choices=[each.value for each in Premium],
        allow_null=True,
        help_text="The price behind `iv`: the last, or the middle of the book where the last lies outside it",
    )
    timestamp = InstantField(allow_null=True)
    stale = serializers.BooleanField(help_text="True: the price is old, and nothing is derived from it")


class ChainRowSerializer(serializers.Serializer[object]):
    """A strike; null for a contract that is not listed."""

    strike = PriceField()
    call = LegSerializer(allow_null=True)
    put = LegSerializer(allow_null=True)


class ChainSummarySerializer(serializers.Serializer[object]):
    """A chain as a whole; null where what a figure needs is not known."""

    pcr_oi = serializers.FloatField(allow_null=True, help_text="Puts' open interest over calls'")
    pcr_volume = serializers.FloatField(allow_null=True)
    max_pain = PriceField(allow_null=True)
    atm_iv = serializers.FloatField(allow_null=True, help_text="Per cent a year")
    straddle = PriceField(allow_null=True, help_text="Call plus put at `atm_strike`")
    expected_move = PriceField(allow_null=True, help_text="One standard deviation until expiry, in rupees")
    skew = serializers.FloatField(
        allow_null=True, help_text="25-delta put less 25-delta call, points of volatility"
    )
    call_oi = serializers.IntegerField()
    put_oi = serializers.IntegerField()
    call_volume = serializers.IntegerField()
    put_volume = serializers.IntegerField()
    stale_legs = serializers.IntegerField()


class ChainHeadSerializer(serializers.Serializer[object]):
    """What a chain is of, when, and where its underlying stands."""

    underlying = serializers.CharField()
    exchange = serializers.CharField()
    expiry = serializers.DateField()
    at = InstantField()
    days = serializers.FloatField(help_text="Calendar days to the end of the last session")
    rate = serializers.FloatField(help_text="Interest in per cent a year, continuous")
    lot_size = serializers.IntegerField()
    spot = PriceField(allow_null=True)
    spot_symbol = serializers.CharField()
    future = PriceField(allow_null=True, help_text="Of the same expiry")
    future_symbol = serializers.CharField()
    synthetic = PriceField(allow_null=True, help_text="The forward by put-call parity")
    forward = PriceField(allow_null=True, help_text="What volatilities and Greeks are computed on")
    forward_source = serializers.ChoiceField(choices=[each.value for each in ForwardSource], allow_null=True)
    atm_strike = PriceField(allow_null=True)
    summary = ChainSummarySerializer()


class ChainSerializer(ChainHeadSerializer):
    """A chain, rows ascending by strike."""

    rows = ChainRowSerializer(many=True)


class SmilePointSerializer(serializers.Serializer[object]):
    """A strike of the smile; `iv` is that of the leg out of the money."""

    strike = PriceField()
    iv = serializers.FloatField(allow_null=True)
    call_iv = serializers.FloatField(allow_null=True)
    put_iv = serializers.FloatField(allow_null=True)


class OpenInterestSerializer(serializers.Serializer[object]):
    """A strike of the open interest profile."""

    strike = PriceField()
    call_oi = serializers.IntegerField()
    put_oi = serializers.IntegerField()
    call_oi_change = serializers.IntegerField(allow_null=True)
    put_oi_change = serializers.IntegerField(allow_null=True)


class ChainAnalyticsSerializer(ChainHeadSerializer):
    """A chain's summary, smile and open interest profile."""

    smile = SmilePointSerializer(many=True)
    oi_profile = OpenInterestSerializer(many=True)


class ChainSeriesSerializer(serializers.Serializer[object]):
    """A chain through a day."""

    underlying = serializers.CharField()
    expiry = serializers.DateField()
    date = serializers.DateField()
    interval = serializers.CharField()
    points = serializers.ListField(
        child=serializers.ListField(child=serializers.JSONField()),
        help_text="[time, spot, forward, atm_strike, straddle, atm_iv, pcr_oi, max_pain], ascending",
    )


class StrikeBarsSerializer(serializers.Serializer[object]):
    """A contract's bars with the volatility that each close implied."""

    symbol = serializers.CharField()
    date = serializers.DateField()
    interval = serializers.CharField()
    bars = serializers.ListField(
        child=serializers.ListField(child=serializers.JSONField()),
        help_text="[time, open, high, low, close, volume, oi, iv, forward], ascending; time is the bar's start",
    )


class ExpirySerializer(serializers.Serializer[object]):
    """An expiry of an underlying's options."""

    expiry = serializers.DateField()
    days = serializers.IntegerField(help_text="Calendar days from today; negative once expired")
    expired = serializers.BooleanField()


class ExpiriesSerializer(serializers.Serializer[object]):
    """Expiries, ascending."""

    underlying = serializers.CharField()
    exchange = serializers.CharField()
    results = ExpirySerializer(many=True)


class FutureSerializer(serializers.Serializer[object]):
    """A future against its spot."""

    symbol = serializers.CharField()
    expiry = serializers.DateField()
    days = serializers.FloatField()
    lot_size = serializers.IntegerField()
    ltp = PriceField(allow_null=True)
    change = PriceField(allow_null=True)
    bid = PriceField(allow_null=True)
    ask = PriceField(allow_null=True)
    volume = serializers.IntegerField()
    oi = serializers.IntegerField()
    oi_change = serializers.IntegerField(allow_null=True)
    basis = PriceField(allow_null=True, help_text="Future less spot")
    basis_pct = serializers.FloatField(allow_null=True)
    annualised = serializers.FloatField(allow_null=True, help_text="Basis in per cent a year, simple")
    carry = serializers.FloatField(allow_null=True, help_text="Cost of carry in per cent a year, continuous")
    fair_value = PriceField(allow_null=True, help_text="Spot grown at the interest rate")
    timestamp = InstantField(allow_null=True)
    stale = serializers.BooleanField()


class RollSerializer(serializers.Serializer[object]):
    """From one expiry to the next."""

    near = serializers.CharField()
    far = serializers.CharField()
    spread = PriceField(allow_null=True, help_text="Far less near")
    spread_pct = serializers.FloatField(allow_null=True)
    roll_yield = serializers.FloatField(allow_null=True, help_text="Of a long position, per cent a year, simple")
    carried = serializers.FloatField(allow_null=True, help_text="Share of open interest in the far one, per cent")
    carried_before = serializers.FloatField(allow_null=True, help_text="The same at the previous session's end")


class FuturesSerializer(serializers.Serializer[object]):
    """The futures of an underlying, ascending by expiry."""

    underlying = serializers.CharField()
    exchange = serializers.CharField()
    at = InstantField()
    rate = serializers.FloatField()
    spot = PriceField(allow_null=True)
    spot_symbol = serializers.CharField()
    futures = FutureSerializer(many=True)
    rolls = RollSerializer(many=True)

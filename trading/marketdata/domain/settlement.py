"""The settlement price that follows from a day's own trading, where nobody has published one."""

from decimal import ROUND_HALF_UP, Decimal

from .bars import BarSeries, unscale_price

LAST_MINUTES = 30
_PAISA = Decimal("0.01")


def settlement_of(minutes: BarSeries) -> Decimal | None:
    """Rupees: the average of a day's last thirty one-minute closes by volume, as exchanges take the last half hour;
    unweighted for an index, which has none. None without a bar; a longer bar alone gives its close."""
    bars = minutes.tail(LAST_MINUTES)
    if not len(bars):
        return None
    closes = [unscale_price(close) for close in bars.close]
    volumes = [int(volume) for volume in bars.volume]
    if not sum(volumes):
        volumes = [1] * len(closes)
    value = sum((close * volume for close, volume in zip(closes, volumes, strict=True)), Decimal(0))
    return (value / sum(volumes)).quantize(_PAISA, rounding=ROUND_HALF_UP)

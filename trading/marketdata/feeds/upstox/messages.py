"""Messages of Upstox's V3 feed as ticks.

A message is a `FeedResponse` in the JSON form of its protobuf schema (MarketDataFeedV3.proto): 64-bit numbers are
texts of digits, other numbers are numbers. Instruments are named by Upstox's tokens, as `NSE_FO|60166`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from trading.marketdata.domain.quote import DepthLevel
from trading.marketdata.domain.tick import Tick

from ..port import FrameBroken


class _Trade(msgspec.Struct):
    ltp: Decimal
    ltt: int
    cp: Decimal | None = None


class _Level(msgspec.Struct):
    bidP: Decimal = Decimal(0)  # noqa: N815 - the wire's name
    bidQ: int = 0  # noqa: N815
    askP: Decimal = Decimal(0)  # noqa: N815
    askQ: int = 0  # noqa: N815


class _Levels(msgspec.Struct):
    bidAskQuote: list[_Level] = []  # noqa: N815


class _Bar(msgspec.Struct):
    interval: str
    open: Decimal
    high: Decimal
    low: Decimal


class _Bars(msgspec.Struct):
    ohlc: list[_Bar] = []


class _Market(msgspec.Struct):
    """`MarketFullFeed`, and `IndexFullFeed`, which has neither book nor counters."""

    ltpc: _Trade
    marketLevel: _Levels = msgspec.field(default_factory=_Levels)  # noqa: N815
    marketOHLC: _Bars = msgspec.field(default_factory=_Bars)  # noqa: N815
    vtt: int | None = None
    oi: float | None = None


class _Full(msgspec.Struct):
    marketFF: _Market | None = None  # noqa: N815
    indexFF: _Market | None = None  # noqa: N815


class _FirstLevel(msgspec.Struct):
    ltpc: _Trade
    firstDepth: _Level | None = None  # noqa: N815
    vtt: int | None = None
    oi: float | None = None


class UpstoxFeed(msgspec.Struct):
    """What a message says of one instrument, in one of three modes."""

    ltpc: _Trade | None = None
    fullFeed: _Full | None = None  # noqa: N815
    firstLevelWithGreeks: _FirstLevel | None = None  # noqa: N815


class _Response(msgspec.Struct):
    feeds: dict[str, UpstoxFeed] = {}
    currentTs: int | None = None  # noqa: N815


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_decoder = msgspec.json.Decoder(_Response, strict=False)


class UpstoxMessages:
    """Decodes messages; `keys` gives the instrument key of each token.

    A token that is not in `keys` stays as it is, so that the checks count it as a wrong instrument.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys

    def ticks(self, message: bytes) -> list[Tick]:
        """The ticks of a `FeedResponse`; none in a `market_info`. Raises FrameBroken when it makes no sense."""
        try:
            response = _decoder.decode(message)
            sent_at = _instant(response.currentTs) if response.currentTs is not None else None
            return [self.tick(token, feed, sent_at) for token, feed in response.feeds.items()]
        except (msgspec.MsgspecError, ValueError, OverflowError) as error:
            raise FrameBroken(f"Upstox: {error}") from error

    def tick(self, token: str, feed: UpstoxFeed, sent_at: datetime | None) -> Tick:
        """One instrument's part of a message. Raises ValueError when it holds none of the three modes."""
        key = self._keys.get(token, token)
        if feed.fullFeed is not None and (market := feed.fullFeed.marketFF or feed.fullFeed.indexFF) is not None:
            return _full_tick(key, market, sent_at)
        if (first := feed.firstLevelWithGreeks) is not None:
            levels = [first.firstDepth] if first.firstDepth else []
            return _tick(key, first.ltpc, levels, first.vtt, first.oi, None, sent_at)
        if feed.ltpc is not None:
            return _tick(key, feed.ltpc, [], None, None, None, sent_at)
        raise ValueError(f"nothing is said of {token}")


def _full_tick(key: str, market: _Market, sent_at: datetime | None) -> Tick:
    day = next((bar for bar in market.marketOHLC.ohlc if bar.interval == "1d"), None)
    return _tick(key, market.ltpc, market.marketLevel.bidAskQuote, market.vtt, market.oi, day, sent_at)


def _tick(
    key: str,
    trade: _Trade,
    levels: list[_Level],
    volume: int | None,
    oi: float | None,
    day: _Bar | None,
    sent_at: datetime | None,
) -> Tick:
    return Tick(
        key=key,
        price=trade.ltp,
        timestamp=_instant(trade.ltt),
        volume=volume,
        oi=None if oi is None else int(oi),
        bids=tuple(DepthLevel(level.bidP, level.bidQ) for level in levels if level.bidP and level.bidQ),
        asks=tuple(DepthLevel(level.askP, level.askQ) for level in levels if level.askP and level.askQ),
        open=day.open if day else None,
        high=day.high if day else None,
        low=day.low if day else None,
        close=trade.cp,
        sent_at=sent_at,
    )


def _instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)

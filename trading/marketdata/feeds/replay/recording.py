"""Ticks recorded from Upstox's V3 feed: JSON lines of decoded `full_d5` messages, gzipped or not."""

import gzip
import heapq
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

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
    ltpc: _Trade
    marketLevel: _Levels = msgspec.field(default_factory=_Levels)  # noqa: N815
    marketOHLC: _Bars = msgspec.field(default_factory=_Bars)  # noqa: N815
    vtt: int | None = None
    oi: float | None = None


class _Full(msgspec.Struct):
    marketFF: _Market  # noqa: N815


class _Message(msgspec.Struct):
    fullFeed: _Full  # noqa: N815
    instrumentKey: str  # noqa: N815


_decoder = msgspec.json.Decoder(_Message, strict=False)

Frame = tuple[datetime, Tick | FrameBroken]


def recorded_ticks(paths: list[Path], keys: Mapping[str, str]) -> Iterator[Frame]:
    """Each message with the moment it is due, in order over all files.

    `keys` gives the instrument key of each broker token. A message is due at the latest trade time seen before it
    in its file, so that what arrived out of order arrives out of order again. A broken line comes as FrameBroken.
    """
    return heapq.merge(*(_file_frames(path, keys) for path in paths), key=lambda frame: frame[0])


def _file_frames(path: Path, keys: Mapping[str, str]) -> Iterator[Frame]:
    due = datetime.fromtimestamp(0, UTC)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                tick = decode_tick(line, keys)
            except (msgspec.MsgspecError, KeyError, ValueError, OverflowError) as error:
                yield due, FrameBroken(f"{path.name} line {number}: {error}")
                continue
            due = max(due, tick.timestamp)
            yield due, tick


def decode_tick(line: bytes, keys: Mapping[str, str]) -> Tick:
    """One message as a tick. Raises msgspec's errors for another shape and KeyError for an unknown token."""
    message = _decoder.decode(line)
    market = message.fullFeed.marketFF
    day = next((bar for bar in market.marketOHLC.ohlc if bar.interval == "1d"), None)
    levels = market.marketLevel.bidAskQuote
    return Tick(
        key=keys[message.instrumentKey],
        price=market.ltpc.ltp,
        timestamp=datetime.fromtimestamp(market.ltpc.ltt / 1000, UTC),
        volume=market.vtt,
        oi=None if market.oi is None else int(market.oi),
        bids=tuple(DepthLevel(level.bidP, level.bidQ) for level in levels if level.bidP and level.bidQ),
        asks=tuple(DepthLevel(level.askP, level.askQ) for level in levels if level.askP and level.askQ),
        open=day.open if day else None,
        high=day.high if day else None,
        low=day.low if day else None,
        close=market.ltpc.cp,
    )

"""`manage.py bench search`: the type-ahead against a plain LIKE over the same rows, in the same run."""

import random
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.management.base import OutputWrapper
from django.db import connection, transaction
from django.db.models import Q
from tqdm import tqdm

from .domain.keys import Contract, Right
from .models import Instrument, InstrumentType
from .selectors import instrument_search
from .selectors.search import LIMIT, has_trigrams

_LISTED = date(2099, 1, 1)
_COMPANIES = 6000
_UNDERLYINGS = 200
_BATCH = 5000
_SYLLABLES = (
    "ADI",
    "BHA",
    "CHO",
    "DEL",
    "ESC",
    "GUJ",
    "HIN",
    "IND",
    "JAI",
    "KAL",
    "MAH",
    "NAT",
    "RAJ",
    "SUN",
    "TAT",
)
_TRADES = ("Steel", "Bank", "Motors", "Pharma", "Power", "Chemicals", "Infotech", "Cement", "Finance", "Textiles")

Search = Callable[[str], Sequence[Instrument]]


class SearchBench:
    """Latency of each keystroke of realistic queries, over a synthetic master that is rolled back afterwards."""

    help = "instrument search over a large master, as ratios to a plain LIKE scan"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The size of the master and of the run."""
        parser.add_argument("--rows", type=int, default=100_000)
        parser.add_argument("--queries", type=int, default=150, help="searches in each round")
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--seed", type=int, default=1)

    def run(self, out: OutputWrapper, **options: Any) -> None:
        """Fill, measure in interleaved rounds, print, and leave the database as it was."""
        generator = random.Random(options["seed"])
        with transaction.atomic():
            _fill(options["rows"], generator)
            queries = [_typed(generator) for _ in range(options["queries"])]
            searches: dict[str, Search] = {
                "ranked steps": lambda text: instrument_search(text, on=_LISTED),
                "LIKE scan": _like_scan,
            }
            rounds = [
                {name: _latencies(search, queries) for name, search in searches.items()}
                for _ in tqdm(range(options["rounds"]), desc="rounds", disable=None, leave=False)
            ]
            transaction.set_rollback(True)
        _print(out, rounds, options["rows"])


def _fill(rows: int, generator: random.Random) -> None:
    made = 0
    with tqdm(total=rows, desc="instruments", disable=None, leave=False) as bar:
        batch: list[Instrument] = []
        for instrument in _instruments(generator):
            batch.append(instrument)
            made += 1
            if len(batch) == _BATCH or made == rows:
                Instrument.objects.bulk_create(batch, ignore_conflicts=True)
                bar.update(len(batch))
                batch = []
            if made == rows:
                break
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE instruments_instrument")
        if has_trigrams():
            cursor.execute("SELECT gin_clean_pending_list('instrument_cash_name')")


def _instruments(generator: random.Random) -> Iterator[Instrument]:
    symbols = []
    for number in range(_COMPANIES):
        head = "".join(generator.choices(_SYLLABLES, k=2))
        symbols.append(f"{head}{number}")
        yield Instrument(
            key=f"NSE:{symbols[-1]}",
            exchange="NSE",
            symbol=symbols[-1],
            name=f"{head.title()} {generator.choice(_TRADES)} {number} Limited",
            instrument_type=InstrumentType.EQUITY,
            tick_size=Decimal("0.05"),
            has_derivatives=number < _UNDERLYINGS,
        )
    strike = 100
    while True:
        strike += 50
        for symbol in symbols[:_UNDERLYINGS]:
            for right in (Right.CALL, Right.PUT):
                contract = Contract(symbol, 2099, strike // 50 % 3 + 1, right, strike=Decimal(strike))
                yield Instrument(
                    key=f"NFO:{contract.symbol}",
                    exchange="NFO",
                    symbol=contract.symbol,
                    name=symbol,
                    instrument_type=right.value,
                    underlying=symbol,
                    expiry=date(2099, contract.month, 25) + timedelta(days=contract.month),
                    strike=contract.strike,
                    tick_size=Decimal("0.05"),
                )


def _typed(generator: random.Random) -> str:
    """What somebody has typed when the type-ahead asks."""
    head = "".join(generator.choices(_SYLLABLES, k=2)).lower()
    number = generator.randrange(_UNDERLYINGS)
    return generator.choice(
        (
            head[: generator.randint(1, 6)],
            f"{head}{number}",
            f"{head.title()} {generator.choice(_TRADES).lower()}",
            f"{head}{number} {generator.randint(1, 40) * 50} ce",
            f"{head}{number} {generator.randint(1, 9)}",
            generator.choice(_TRADES).lower()[:4],
            f"{head}zz",
        )
    )


def _like_scan(text: str) -> list[Instrument]:
    matches = Q(symbol__icontains=text) | Q(name__icontains=text)
    return list(Instrument.objects.filter(matches).order_by("symbol")[:LIMIT])


def _latencies(search: Search, queries: Sequence[str]) -> list[float]:
    """Milliseconds of each query, in ascending order."""
    taken = []
    for text in queries:
        started = time.perf_counter()
        search(text)
        taken.append((time.perf_counter() - started) * 1000)
    return sorted(taken)


def _print(out: OutputWrapper, rounds: Sequence[dict[str, list[float]]], rows: int) -> None:
    trigrams = "with trigrams" if has_trigrams() else "without trigrams"
    out.write(f"search over {rows:,} instruments on {connection.vendor}, {trigrams}; worst of {len(rounds)} rounds")
    out.write(f"{'design':14} {'p50 ms':>8} {'p95 ms':>8} {'max ms':>8} {'p95 ratio':>10}")
    reference = min(_p95(one["LIKE scan"]) / _p95(one["ranked steps"]) for one in rounds)
    for name, ratio in (("ranked steps", reference), ("LIKE scan", 1.0)):
        median = max(statistics.median(one[name]) for one in rounds)
        p95 = max(_p95(one[name]) for one in rounds)
        longest = max(one[name][-1] for one in rounds)
        out.write(f"{name:14} {median:8.1f} {p95:8.1f} {longest:8.1f} {ratio:9.1f}×")


def _p95(ascending: Sequence[float]) -> float:
    return ascending[int(len(ascending) * 0.95)]

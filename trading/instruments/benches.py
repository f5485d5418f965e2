"""`manage.py bench search`: the type-ahead against a plain LIKE over the same rows, in the same run."""

import random
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
from .process_cache import forget_reference_data
from .selectors import instrument_search
from .selectors.search import LIMIT, name_index

_LISTED = date(2099, 1, 1)
_COMPANIES = 6000
_UNDERLYINGS = 200
_BATCH = 5000
_SYLLABLES = (
    *("ADI", "BHA", "CHO", "DEL", "ESC", "GUJ", "HIN", "IND"),
    *("JAI", "KAL", "MAH", "NAT", "RAJ", "SUN", "TAT"),
)
_TRADES = ("Steel", "Bank", "Motors", "Pharma", "Power", "Chemicals", "Infotech", "Cement", "Finance", "Textiles")

Search = Callable[[str], Sequence[Instrument]]


class SearchBench:
    """Latency of each keystroke of realistic queries, over a synthetic master that is rolled back afterwards."""

    help = "instrument search over a large master, as ratios to a plain LIKE scan"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The size of the master and of the run."""
        parser.add_argument("--rows", type=int, default=100_000, help="instruments in the synthetic master")
        parser.add_argument(
            "--stored",
            type=date.fromisoformat,
            metavar="DATE",
            help="measure the instruments that the database holds, as listed on a date, instead",
        )
        parser.add_argument("--queries", type=int, default=150, help="searches in each round")
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--seed", type=int, default=1)

    def run(self, out: OutputWrapper, **options: Any) -> None:
        """Fill, measure in interleaved rounds, print, and leave the database as it was."""
        generator = random.Random(options["seed"])
        stored: date | None = options["stored"]
        with transaction.atomic():
            if not stored:
                _fill(options["rows"], generator)
            forget_reference_data()
            sought = _stored_words(generator) if stored else _made_up_words(generator)
            queries = [_typed(generator, *next(sought)) for _ in range(options["queries"])]
            searches: dict[str, Search] = {
                "type-ahead": lambda text: instrument_search(text, on=stored or _LISTED),
                "LIKE scan": _like_scan,
            }
            _print_size(out)
            rounds = [
                {name: _latencies(search, queries) for name, search in searches.items()}
                for _ in tqdm(range(options["rounds"]), desc="rounds", disable=None, leave=False)
            ]
            transaction.set_rollback(True)
        forget_reference_data()
        _print(out, rounds)


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


def _made_up_words(generator: random.Random) -> Iterator[tuple[str, str, str]]:
    while True:
        head = "".join(generator.choices(_SYLLABLES, k=2))
        symbol = f"{head}{generator.randrange(_UNDERLYINGS)}"
        yield symbol, f"{head.title()} {generator.choice(_TRADES)}", symbol


def _stored_words(generator: random.Random) -> Iterator[tuple[str, str, str]]:
    """A symbol, a name and an underlying of contracts, drawn from the rows."""
    cash = list(Instrument.objects.filter(underlying="").values_list("symbol", "name"))
    underlyings = sorted(set(Instrument.objects.exclude(underlying="").values_list("underlying", flat=True)))
    while True:
        symbol, name = generator.choice(cash)
        yield symbol, name, generator.choice(underlyings)


def _typed(generator: random.Random, symbol: str, name: str, underlying: str) -> str:
    """What somebody who looks for these has typed when the type-ahead asks."""
    name, symbol, underlying = name.lower(), symbol.lower(), underlying.lower()
    words = name.split()
    return generator.choice(
        (
            symbol[: generator.randint(1, 6)],
            symbol,
            " ".join(words[:2]),
            " ".join(word[:3] for word in words[:3]),
            f"{underlying} {generator.randint(1, 40) * 50} ce",
            f"{underlying} {generator.randint(1, 9)}",
            f"{underlying[:3]} fut",
            words[-1][:4],
            # Two letters swapped.
            name[:3] + name[4:5] + name[3:4] + name[5:],
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


def _print_size(out: OutputWrapper) -> None:
    rows = Instrument.objects.count()
    started = time.perf_counter()
    names = len(name_index())
    taken = (time.perf_counter() - started) * 1000
    out.write(f"search over {rows:,} instruments on {connection.vendor}; {names:,} names read in {taken:.0f} ms")


def _print(out: OutputWrapper, rounds: Sequence[dict[str, list[float]]]) -> None:
    out.write(f"worst of {len(rounds)} rounds")
    out.write(f"{'design':12} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'max ms':>8} {'p95 ratio':>10}")
    ratio = min(_quantile(one["LIKE scan"], 0.95) / _quantile(one["type-ahead"], 0.95) for one in rounds)
    for name, times in (("type-ahead", ratio), ("LIKE scan", 1.0)):
        worst = [max(_quantile(one[name], share) for one in rounds) for share in (0.5, 0.95, 0.99, 1.0)]
        out.write(f"{name:12} {' '.join(f'{milliseconds:8.1f}' for milliseconds in worst)} {times:9.1f}×")


def _quantile(ascending: Sequence[float], share: float) -> float:
    return ascending[min(int(len(ascending) * share), len(ascending) - 1)]

"""Whoever waits for the compiler is told, and a read-only installation works."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
from backtests.domain.kernel import prepare
notes = []
first = prepare(notes.append)
print(len(notes), first > 0, prepare(notes.append))
"""
UNWRITABLE = """
from pathlib import Path
from numba.core import caching
# As where neither the source's folder nor the user's may be written: no place offers itself.
caching.CacheImpl._locator_classes = []
"""


def _prepared(cache: Path, prelude: str = "") -> list[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", prelude + SCRIPT], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_a_first_compilation_is_told_and_the_next_process_loads_it(tmp_path):
    assert _prepared(tmp_path) == ["2", "True", "0.0"]
    assert _prepared(tmp_path) == ["0", "True", "0.0"]


def test_where_nothing_may_be_written_each_process_compiles(tmp_path):
    assert _prepared(tmp_path, UNWRITABLE) == ["2", "True", "0.0"]
    assert not any(tmp_path.iterdir())

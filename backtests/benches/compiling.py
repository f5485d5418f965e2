"""How long the machine code takes where there is none yet, and in a new process that finds it on disk."""

import json
import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from django.core.management.base import OutputWrapper

_READY = """
import json
from time import perf_counter, process_time

begun = perf_counter(), process_time()
from backtests.domain.kernel import prepare
imported = perf_counter(), process_time()
prepare()
ready = perf_counter(), process_time()
print(json.dumps([begun, imported, ready]))
"""


def compile_times(out: OutputWrapper) -> None:
    """The kernel in two new processes, one after the other on one empty folder for machine code."""
    out.write(f"\n{'compiling':22}{'imports s':>12}{'ready s':>12}{'CPU s':>12}")
    with TemporaryDirectory() as folder:
        for name in ("first on a machine", "later processes"):
            begun, imported, ready = _moments(folder)
            out.write(
                f"{name:22}{imported[0] - begun[0]:>12.2f}{ready[0] - begun[0]:>12.2f}{ready[1] - begun[1]:>12.2f}"
            )


def _moments(folder: str) -> list[tuple[float, float]]:
    """The clock and the processor's time at the beginning, after the imports, and when the kernel is ready."""
    environment = os.environ | {"NUMBA_CACHE_DIR": folder, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", _READY], env=environment, capture_output=True, text=True, check=True
    )
    moments: list[tuple[float, float]] = json.loads(done.stdout.splitlines()[-1])
    return moments

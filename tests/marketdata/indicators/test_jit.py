"""Machine code that is kept must never be of other sources than those at hand."""

import os
import subprocess
import sys
from pathlib import Path

from core import machine_code
from trading.marketdata.domain.indicators import jit

_STEPS = """
from {package}.jit import kernel

@kernel
def step(value: float) -> float:
    return value + {added}
"""
_CALLER = """
from {package}.jit import kernel
from {package}.steps import step

@kernel
def twice(value: float) -> float:
    return step(step(value))
"""


def test_a_changed_step_is_compiled_into_what_calls_it(tmp_path: Path) -> None:
    package = tmp_path / "kept"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "jit.py").write_text(Path(jit.__file__).read_text())
    (package / "caller.py").write_text(_CALLER.format(package="kept"))
    environment = {**os.environ, "PYTHONPATH": str(Path(machine_code.__file__).parents[1])}
    for added in (1.0, 10.0):
        (package / "steps.py").write_text(_STEPS.format(package="kept", added=added))
        code = "from kept.caller import twice; print(twice(0.0))"
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert float(ran.stdout) == 2 * added

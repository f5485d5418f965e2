"""A strategy that misbehaves is refused or contained, and says so. Each attack goes round the walls before the one
that is under test: the process is handed texts that the rules would never let through."""

import contextlib
import os
import socket
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from trading.strategies.sandbox import (
    CodeRefused,
    Limits,
    SandboxDied,
    StrategyProcess,
    StrategyRaised,
    Wall,
    describe,
    own_strategy,
    source_faults,
)
from trading.strategies.sandbox import reading as sandbox_reading
from trading.strategies.sandbox.tally import Stop, stops_counted
from trading.strategies.sandbox.wire import LARGEST_ANSWER, WireBroken, packed, unpacked

QUICK = Limits(memory_mb=128, cpu_seconds=60, hook_seconds=1.5)

# Back to the real `os` module by way of a class that keeps it among its globals.
ESCAPE = """
def real(name):
    for each in ().__class__.__base__.__subclasses__():
        if each.__name__ == "_wrap_close":
            return each.__init__.__globals__["sys"].modules[name]
"""
STRATEGY = """
from trading.strategies.domain import Strategy
class Mine(Strategy):
    key = "mine"
    title = "Mine"
    def on_bar(self, ctx, bar):
        pass
"""


def attacked(code: str, limits: Limits = QUICK) -> None:
    """Run a text in a strategy's process, without the rules."""
    with StrategyProcess(limits) as process:
        process.request("load", ESCAPE + code + STRATEGY)


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("import os", 1, "`os` cannot be imported"),
        ("\nfrom subprocess import run", 2, "`subprocess` cannot be imported"),
        ("from . import secrets", 1, "cannot be imported"),
        ("from math import *", 1, "by name"),
        ("x = open('/etc/passwd')", 1, "`open` is not available"),
        ("x = __builtins__", 1, "`__builtins__` is not available"),
        ("x = ().__class__", 1, "`.__class__` is not available"),
        ("x = getattr(1, 'real')", 1, "`getattr` is not available"),
        ("import numpy as np\nx = np.load('x')", 2, "reads or writes files"),
        ("from datetime import datetime\nx = datetime.now()", 2, "market time is `ctx.now`"),
        ("import datetime\nx = datetime.date.today()", 2, "market time is `ctx.now`"),
        ("async def f(): pass", 1, "no async"),
        ("def f():\n    global x", 2, "not in globals"),
        ("def f(:\n    pass", 1, "not Python"),
        ("x = 1\0", None, "null character"),
        ("x" * 100_001, None, "longer than 100,000"),
        ("(" * 5_000 + ")" * 5_000, None, ""),
        ("x = " + "-" * 50_000 + "1", None, ""),
    ],
)
def test_the_rules_name_the_line(source: str, line: int | None, said: str) -> None:
    (fault, *_) = source_faults(source)
    assert said in fault.message
    if said:
        assert fault.line == line


def test_a_plain_strategy_passes_the_rules_and_says_what_it_is() -> None:
    assert source_faults(STRATEGY) == ()
    assert describe(STRATEGY, QUICK).hooks == ("on_bar",)


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("x = 1 / 0", 1, "ZeroDivisionError"),
        ("\n\nraise ValueError('no')", 3, "ValueError: no"),
        ("raise SystemExit", 1, "SystemExit"),
        ("x = 1\nwhile True: pass", 2, "Stopped after 1.5 s: a hook may take no longer."),
        ("x = 1", None, "must define one subclass of Strategy"),
        (STRATEGY + STRATEGY.replace("Mine", "Other"), None, "it defines Mine, Other"),
        (STRATEGY.replace("ctx, bar", "bar"), None, "`on_bar` must take (self, ctx, bar)"),
        (STRATEGY.replace('"mine"', '"No such key"'), None, "`key` must be"),
        (STRATEGY.replace('"Mine"', '"x" * 10_000'), None, "`title` must have"),
        ("x = [0] * 10**9", 1, "MemoryError"),
    ],
)
def test_saving_a_bad_strategy_is_refused_with_the_reason(source: str, line: int | None, said: str) -> None:
    with pytest.raises(CodeRefused) as refusal:
        describe(source, QUICK)
    (fault, *_) = refusal.value.faults
    assert said in fault.message
    assert fault.line == line


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter is Linux's")
def test_on_linux_every_wall_stands() -> None:
    with StrategyProcess(QUICK) as process:
        expected = {wall for wall in Wall if wall is not Wall.OTHER_USER or os.geteuid() == 0}
        assert set(process.walls) == expected


@pytest.mark.parametrize(
    "code",
    [
        "real('posix').open('/etc/passwd', 0)",
        "real('io').FileIO('/etc/passwd')",
        "real('posix').fork()",
        "real('posix').execv('/bin/sh', ['/bin/sh', '-c', 'true'])",
        "real('posix').kill(real('posix').getppid(), 9)",
        "real('posix').unlink('/etc/passwd')",
        "real('posix').listdir('/')",
        "__import__('socket')",
        "real('_socket').socket()",
        "real('builtins').__import__('wsgiref.simple_server')",
        "__builtins__['open']",
        "real('importlib').reload(real('math'))",
        "__import__('ctypes')",
    ],
)
def test_what_has_escaped_the_interpreter_still_reaches_nothing(code: str) -> None:
    with pytest.raises((StrategyRaised, SandboxDied)):
        attacked(code)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter is Linux's")
def test_the_kernel_refuses_even_without_the_audit_hook() -> None:
    # The system calls themselves, made by the C library, of which Python knows nothing.
    probe = """
import sys; sys.path[:0] = sys.argv[1:]
import ctypes
from trading.strategies.sandbox import confinement
from trading.strategies.sandbox.limits import Limits
libc = ctypes.CDLL(None, use_errno=True)
assert confinement._filter_calls()
answers = {
    "open": libc.open(b"/etc/hostname", 0),
    "socket": libc.socket(2, 1, 0),
    "fork": libc.fork(),
    "kill": libc.kill(1, 0),
    "unlink": libc.unlink(b"/nothing"),
    "ptrace": libc.ptrace(0, 0, 0, 0),
}
print(answers, ctypes.get_errno())
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", probe, str(root), str(root / "platform")], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == (
        "{'open': -1, 'socket': -1, 'fork': -1, 'kill': -1, 'unlink': -1, 'ptrace': -1} 1"
    ), done.stderr


def test_no_secret_of_the_house_is_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary-7431")
    monkeypatch.setenv("DATABASE_URL", "postgres://canary-7431")
    with pytest.raises(StrategyRaised) as told:
        attacked("raise ValueError(repr(dict(real('os').environ)))")
    assert "LANG" in str(told.value)
    assert "canary" not in str(told.value)
    assert "SECRET" not in str(told.value)


def test_memory_is_bounded_and_the_process_lives_on_to_say_so() -> None:
    with StrategyProcess(QUICK) as process:
        with pytest.raises(StrategyRaised, match="MemoryError"):
            process.request("load", "x = bytearray(10**9)" + STRATEGY)
        assert process.request("load", STRATEGY) is None


def test_a_loop_is_killed_within_its_time_and_stays_dead() -> None:
    began = time.monotonic()
    with StrategyProcess(QUICK) as process:
        pid = process._process.pid
        with pytest.raises(SandboxDied, match=r"^Stopped after 1\.5 s at line 1: a hook may take no longer\.$"):
            process.request("load", "while True: pass\n" + STRATEGY)
        assert not process.is_alive
        with pytest.raises(SandboxDied, match="has ended"):
            process.request("load", STRATEGY)
    assert time.monotonic() - began < 15
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


_ENDLESS = {
    "a bare loop": "while True:\n    pass",
    "a loop that catches everything": """while True:
    try:
        while True:
            pass
    except BaseException:
        pass""",
    "one call that does not come back": "sum(iter(int, 1))",
    "a comprehension": "[None for _ in iter(int, 1) if _]",
    "deep in its own calls": "self.down(400)",
}


@pytest.mark.parametrize("body", _ENDLESS.values(), ids=_ENDLESS)
def test_a_hook_without_end_is_killed_and_its_line_is_told(body: str) -> None:
    source = (
        STRATEGY.replace("pass", textwrap.indent(body, " " * 8).strip())
        + """
    def down(self, left):
        while not left:
            pass
        self.down(left - 1)
"""
    )
    first = 1 + source[: source.index(body.splitlines()[0])].count("\n")
    lines = {first + number for number in range(body.count("\n") + 1)}
    if "down" in body:
        lines = {first + 2, first + 3, first + 4}
    with StrategyProcess(QUICK) as process:
        pid = process._process.pid
        process.request("load", source)
        process.request("make", {})
        with pytest.raises(SandboxDied, match=r"^Stopped after 1\.5 s in ") as told:
            process.request("hook", "on_bar", None, [], [None])
        assert told.value.place is not None
        assert told.value.place.line in lines
        assert told.value.place.function in ("on_bar", "down", "<listcomp>")
        assert not process.is_alive
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_that_has_taken_its_fault_handler_away_is_killed_all_the_same() -> None:
    code = "real('faulthandler').unregister(10)\nwhile True: pass\n"
    with StrategyProcess(QUICK) as process:
        with pytest.raises(SandboxDied, match=r"^Stopped after 1\.5 s: a hook may take no longer\.$"):
            process.request("load", ESCAPE + code + STRATEGY)
        assert not process.is_alive


def test_a_process_that_fills_its_standard_error_cannot_keep_the_house_waiting() -> None:
    code = "try:\n    while True: real('posix').write(2, b'x' * 4096)\nexcept BaseException: pass\n"
    began = time.monotonic()
    with StrategyProcess(QUICK) as process:
        with pytest.raises(SandboxDied, match=r"^Stopped after 1\.5 s"):
            process.request("load", ESCAPE + code + STRATEGY)
        assert not process.is_alive
    assert time.monotonic() - began < 15


def test_what_is_stopped_is_counted_by_its_reason() -> None:
    before = stops_counted()
    with StrategyProcess(QUICK) as process, pytest.raises(SandboxDied):
        process.request("load", "while True: pass\n" + STRATEGY)
    with StrategyProcess(QUICK) as process, pytest.raises(StrategyRaised):
        process.request("load", "x = bytearray(10**9)" + STRATEGY)
    after = stops_counted()
    assert {stop: after[stop] - before[stop] for stop in Stop if after[stop] != before[stop]} == {
        Stop.TIME: 1,
        Stop.MEMORY: 1,
    }


def test_processor_time_is_bounded_over_the_whole_life() -> None:
    with (
        StrategyProcess(Limits(cpu_seconds=3, hook_seconds=30)) as process,
        pytest.raises(SandboxDied, match=r"^Stopped at line 1: the strategy used up its processor time"),
    ):
        process.request("load", "while True: pass\n" + STRATEGY)


@pytest.mark.parametrize(
    "garbage",
    [
        "b'\\xff\\xff\\xff\\xff'",
        "b'\\x00\\x00\\x00\\x03\\xc1\\xc1\\xc1'",
        "b'\\x00\\x00\\x00\\x01\\x07'",
        "b'\\x00\\x00\\x00\\x02\\x91\\x07'",
    ],
    ids=["4 GiB to come", "no MessagePack", "a number", "a list of a number"],
)
def test_garbage_on_the_pipe_is_the_end(garbage: str) -> None:
    code = f"for each in range(3, 9):\n    try: real('posix').write(each, {garbage})\n    except OSError: pass\n"
    with StrategyProcess(QUICK) as process:
        with pytest.raises(SandboxDied):
            process.request("load", ESCAPE + code + STRATEGY)
        assert not process.is_alive


def test_leaving_the_process_is_told() -> None:
    with pytest.raises(SandboxDied, match=r"ended \(7\)"):
        attacked("real('posix')._exit(7)")


def test_what_is_printed_does_not_disturb_the_pipe() -> None:
    with StrategyProcess(QUICK) as process:
        assert process.request("load", "print('this is lost')\n" + STRATEGY) is None


def test_a_strict_house_runs_nothing_without_the_kernels_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    from trading.strategies.sandbox import process as module

    monkeypatch.setattr(module, "_START", module._START.replace("; main()", _WITHOUT_FILTER))
    with StrategyProcess(Limits(strict=False)) as process:
        assert Wall.KERNEL_FILTER not in process.walls
        # The audit hook is what is left, and refuses the same.
        with pytest.raises(StrategyRaised, match="PermissionError: open"):
            process.request("load", ESCAPE + "real('io').open('/etc/passwd')" + STRATEGY)
        with pytest.raises(StrategyRaised):
            process.request("load", ESCAPE + "__builtins__['__import__']('_socket')" + STRATEGY)
    with pytest.raises(SandboxDied, match="own code is refused"):
        StrategyProcess(Limits(strict=True))


_WITHOUT_FILTER = (
    "; from trading.strategies.sandbox import confinement; confinement._filter_calls = lambda: False; main()"
)


def test_no_process_is_left_behind() -> None:
    process = StrategyProcess(QUICK)
    pid, home = process._process.pid, Path(process._home.name)
    assert home.exists()
    del process
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not home.exists()


HOUSE = """
import sys
from trading.strategies.sandbox import Limits, StrategyProcess
process = StrategyProcess(Limits(hook_seconds=600.0))
print(process._process.pid, flush=True)
process.request("load", {source!r})
"""


def is_running(pid: int) -> bool:
    """Whether a process computes or waits; one that has ended and was not collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("does", ["while True: pass", "import math\nwhile True: math.sqrt(2)"])
def test_a_strategy_that_computes_ends_with_a_house_that_is_killed(does: str) -> None:
    house = subprocess.Popen(
        [sys.executable, "-c", HOUSE.format(source=does)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": ".:platform"},
    )
    try:
        assert house.stdout is not None
        pid = int(house.stdout.readline())
        time.sleep(0.5)
        assert is_running(pid)
    finally:
        house.kill()
        house.wait()
    until = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(pid)


def test_a_strategy_outlives_the_thread_that_asked_for_it() -> None:
    with ThreadPoolExecutor(1) as thread:
        process = thread.submit(StrategyProcess, QUICK).result()
    time.sleep(0.3)
    with process:
        process.request("load", STRATEGY)


def test_a_fork_of_the_house_starts_its_own() -> None:
    with StrategyProcess(QUICK):
        child = os.fork()
        if child == 0:
            try:
                with StrategyProcess(QUICK) as process:
                    process.request("load", STRATEGY)
            except BaseException:  # noqa: BLE001 - a fork of the suite must not run on
                os._exit(1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_network_is_there_for_the_house_itself() -> None:
    """So that a refusal above is the wall's doing, not the machine's."""
    with socket.socket():
        pass


def test_a_message_that_would_become_gigabytes_of_objects_is_not_read() -> None:
    # One byte of MessagePack is an empty dictionary of 64 bytes; the strategy's own memory is not needed for it.
    code = """
struct = real('struct')
wanted = 30_000_000
for each in range(3, 9):
    try:
        real('posix').write(each, struct.pack('>IBI', wanted + 5, 0xdd, wanted))
        for _ in range(wanted // 60_000):
            real('posix').write(each, b'\\x80' * 60_000)
    except OSError:
        pass
"""
    with pytest.raises(SandboxDied, match="a message of 30,000,005 bytes"):
        attacked(code)
    assert LARGEST_ANSWER <= 2 * 1024 * 1024


def test_extensions_within_extensions_end_before_the_stack_does() -> None:
    message = b"\xc0"
    for _ in range(20_000):
        inner = b"\x91" + message
        message = b"\xc9" + len(inner).to_bytes(4, "big") + b"\x08" + inner
    with pytest.raises(WireBroken, match="too deeply"):
        unpacked(message)
    assert unpacked(packed((1, (2, (3,))))) == (1, (2, (3,)))


def test_what_no_database_and_no_message_takes_is_left_out_of_texts() -> None:
    told = {"a\x00": ["b\x00c", "\ud800d", "₹"]}
    assert unpacked(packed(told)) == {"a": ["bc", "?d", "₹"]}


ASKS = STRATEGY.replace("pass", "ctx.log('x')")


@pytest.mark.parametrize("failure", [AssertionError("house"), OSError("house"), KeyboardInterrupt()])
def test_a_process_whose_question_was_left_open_takes_no_other_request(failure: BaseException) -> None:
    def answer(question: str, rest: list[Any]) -> Any:
        raise failure

    with StrategyProcess(QUICK) as process:
        process.request("load", ASKS)
        process.request("make", {})
        with pytest.raises(type(failure)):
            process.request("hook", "on_bar", None, [], [None], answer=answer)
        with pytest.raises(SandboxDied, match="has ended"):
            process.request("lines")


def test_a_wrong_index_is_told_to_the_strategy_like_any_wrong_argument() -> None:
    def answer(question: str, rest: list[Any]) -> Any:
        return [][3]

    with StrategyProcess(QUICK) as process:
        process.request("load", ASKS)
        process.request("make", {})
        with pytest.raises(StrategyRaised, match="ValueError: list index out of range") as told:
            process.request("hook", "on_bar", None, [], [None], answer=answer)
        assert told.value.line is not None


SETTING = {"name": "a", "title": "A", "kind": "number", "default": 1.0, "minimum": 0.0, "maximum": 2.0}
SAID: dict[str, Any] = {
    "key": "mine",
    "title": "Mine",
    "kind": "trend",
    "doc": {"idea": "", "rules": "", "fails_when": ""},
    "intervals": ["5m"],
    "symbols_wanted": [1, 1],
    "parameters": [SETTING],
    "hooks": ["on_bar"],
    "is_signals": False,
    "has_conflict": False,
}


@pytest.mark.parametrize(
    ("change", "is_fit"),
    [
        ({}, True),
        ({"title": "Müller’s 😀 \\u0000"}, True),
        ({"title": "a\0b"}, False),
        ({"hooks": ["__init__"]}, False),
        ({"hooks": ["__slots__"]}, False),
        ({"parameters": [{**SETTING, "name": "values"}]}, False),
        ({"parameters": [{**SETTING, "name": "_source"}]}, False),
        ({"parameters": [{**SETTING, "name": "__slots__"}]}, False),
        ({"parameters": [{**SETTING, "default": float("nan")}]}, False),
        ({"parameters": [{**SETTING, "default": 9.0}]}, False),
        ({"parameters": [{**SETTING, "minimum": None}]}, False),
        ({"parameters": [{**SETTING, "maximum": float("inf")}]}, False),
        ({"parameters": [SETTING, SETTING]}, False),
        ({"parameters": [{**SETTING, "title": "x" * 200_000}]}, False),
        ({"symbols_wanted": [5, 1]}, False),
        ({"symbols_wanted": [1, 2**40]}, False),
    ],
)
def test_a_process_that_was_taken_over_cannot_describe_itself_out_of_its_place(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], is_fit: bool
) -> None:
    says(monkeypatch, {"description": {**SAID, **change}})
    if is_fit:
        described = describe(STRATEGY, QUICK)
        own_strategy("own.mine", STRATEGY, described, QUICK)
    else:
        with pytest.raises(CodeRefused):
            describe(STRATEGY, QUICK)


@pytest.mark.parametrize("answer", [{"faults": 5}, {"description": [1]}, {}, ["x"], None])
def test_nonsense_as_a_description_is_refused(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    says(monkeypatch, answer)
    with pytest.raises(CodeRefused):
        describe(STRATEGY, QUICK)


def says(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    """Have a process answer this, as one may whose strategy has escaped the interpreter."""

    class Process(contextlib.nullcontext[Any]):
        def __init__(self, limits: Limits) -> None:
            super().__init__(self)

        def request(self, verb: str, *arguments: Any) -> Any:
            return answer

    monkeypatch.setattr(sandbox_reading, "StrategyProcess", Process)

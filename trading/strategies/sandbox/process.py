"""The house's end of the pipe: starts a strategy's process, asks it, answers it, and kills what misbehaves."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time as clock
import weakref
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from trading.strategies.domain.trouble import StrategyTrouble

from .confinement import Wall
from .limits import Limits
from .nursery import started_by_the_house
from .place import ASK, Place, is_whole, place_in
from .tally import Stop, stop_count
from .wire import LARGEST_ANSWER, WireBroken, WireClosed, WireSlow, read_message, write_message

_ROOT = Path(__file__).resolve().parents[3]
_PATHS = (str(_ROOT), str(_ROOT / "platform"))
_START = "import sys; sys.path[:0] = sys.argv[2:]; from trading.strategies.sandbox.child import main; main()"
# One thread a process: a library's pool of threads would need calls that the filter refuses.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
# A process says where it is within microseconds, if it is let run at all.
_PLACE_SECONDS = 0.5
_MOST_TOLD = 1 << 16
"""What a pipe holds."""
Answerer = Callable[[str, list[Any]], Any]
"""Answers a question of the strategy's; what it raises is told to the strategy."""


class SandboxDied(StrategyTrouble):
    """A strategy's process was stopped, or ended by itself; it answers no more.

    `words` say why, `place` where in its text it was; the message says both.
    """

    def __init__(self, head: str, why: str = "", place: Place | None = None) -> None:
        self.words = _sentence(head, why)
        self.place = place
        super().__init__(self.words if place is None else _sentence(f"{head} {place}", why))


class StrategyRaised(StrategyTrouble):
    """A strategy's own code raised; `words` say what, `line` where in its text."""

    def __init__(self, kind: str, text: str, line: int | None) -> None:
        self.words = ": ".join(part for part in (kind, text) if part)
        self.line = line
        super().__init__(self.words if line is None else f"line {line}: {self.words}")


class StrategyProcess:
    """One process. Not thread-safe: one question after another."""

    def __init__(self, limits: Limits) -> None:
        """Starts it and waits until it has closed itself off. Raises SandboxDied."""
        self._limits = limits
        self._home = tempfile.TemporaryDirectory(prefix="strategy-")
        process = started_by_the_house(self._start)
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise SandboxDied("The strategy's process has no pipes")
        self._process = process
        self._writes, self._reads = process.stdin.fileno(), process.stdout.fileno()
        self._errors = process.stderr.fileno()
        for descriptor in (self._writes, self._reads, self._errors):
            os.set_blocking(descriptor, False)
        self._end = weakref.finalize(self, _ended, process, self._home)
        self.walls = self._await_ready()

    def _start(self) -> "subprocess.Popen[bytes]":
        told = json.dumps({"house": os.getpid(), "limits": asdict(self._limits)})
        return subprocess.Popen(
            [sys.executable, "-I", "-c", _START, told, *_PATHS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd=self._home.name,
            start_new_session=True,
            bufsize=0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._end.alive

    def close(self) -> None:
        """End it, whatever it is doing. Harmless when it has ended."""
        self._end()

    def request(self, verb: str, *arguments: Any, answer: Answerer | None = None) -> Any:
        """Ask for something, and answer what is asked in between.

        Raises:
            StrategyRaised: the strategy's code raised; the process lives on.
            SandboxDied: it was too slow, spoke nonsense or ended; it is gone.
        """
        if not self.is_alive:
            raise SandboxDied("The strategy's process has ended")
        try:
            return self._conversation([verb, *arguments], answer)
        except StrategyRaised:
            raise
        except BaseException:
            # It waits for an answer that will not come, and would take the next request for it.
            self.close()
            raise

    def _conversation(self, message: list[Any], answer: Answerer | None) -> Any:
        limits, asked = self._limits, 0
        left, patience = limits.hook_seconds, limits.answer_seconds
        while True:
            began = clock.monotonic()
            reply = self._exchange(message, began + left)
            left -= clock.monotonic() - began
            match reply:
                case ["done", value]:
                    return value
                case ["raised", str(kind), str(text), int() | None as line, bool(is_shape)]:
                    if kind == MemoryError.__name__:
                        stop_count(Stop.MEMORY)
                    raise StrategyRaised("" if is_shape else kind, text, line)
                case [str(question), *rest] if answer is not None:
                    # Thinking costs the strategy its own time; asking costs the house's, which others wait for.
                    asked += 1
                    if asked > limits.hook_calls:
                        raise self._stopped(
                            Stop.QUESTIONS, f"a hook asked more than {limits.hook_calls:,} questions"
                        )
                    if patience <= 0:
                        seconds = f"{limits.answer_seconds:g}"
                        raise self._stopped(
                            Stop.QUESTIONS, f"answering one hook took longer than {seconds} seconds"
                        )
                    began = clock.monotonic()
                    message = _answered(answer, question, rest)
                    patience -= clock.monotonic() - began
                case _:
                    raise self._killed(Stop.NONSENSE, "The strategy's process said something that is no answer")

    def _exchange(self, message: list[Any], deadline: float) -> Any:
        try:
            write_message(self._writes, message, deadline)
            return read_message(self._reads, deadline, largest=LARGEST_ANSWER)
        except WireSlow as error:
            seconds = f"{self._limits.hook_seconds:g}"
            raise self._stopped(Stop.TIME, "a hook may take no longer", after=f" after {seconds} s") from error
        except WireBroken as error:
            raise self._killed(Stop.NONSENSE, "The strategy's process spoke nonsense", str(error)) from error
        except WireClosed as error:
            raise self._ended() from error

    def _await_ready(self) -> tuple[Wall, ...]:
        try:
            deadline = clock.monotonic() + self._limits.start_seconds
            match read_message(self._reads, deadline, largest=LARGEST_ANSWER):
                case ["ready", [*walls]]:
                    found = tuple(Wall(each) for each in walls)
                case _:
                    raise self._killed(Stop.NOT_STARTED, "The strategy's process did not begin as it should")
        except WireSlow as error:
            raise self._killed(Stop.NOT_STARTED, "The strategy's process did not start in time") from error
        except (WireBroken, WireClosed, ValueError) as error:
            raise self._ended() from error
        if self._limits.strict and Wall.KERNEL_FILTER not in found:
            refusal = "This machine cannot keep a strategy from files and network; own code is refused"
            raise self._killed(Stop.NOT_STARTED, refusal)
        return found

    def _stopped(self, stop: Stop, why: str, *, after: str = "") -> SandboxDied:
        """End it in the middle of what it does, and say where that was."""
        return self._killed(stop, f"Stopped{after}", why, self._asked_where())

    def _killed(self, stop: Stop, head: str, why: str = "", place: Place | None = None) -> SandboxDied:
        self.close()
        stop_count(stop)
        return SandboxDied(head, why, place)

    def _ended(self) -> SandboxDied:
        """It hung up: what its exit says."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return self._killed(Stop.NONSENSE, "The strategy's process closed its pipe")
        told = self._told()
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return self._killed(
                Stop.PROCESSOR, "Stopped", "the strategy used up its processor time or memory", place_in(told)
            )
        if code == -signal.SIGALRM:
            return self._killed(Stop.TIME, "A hook took too long; the strategy was stopped")
        last = told.replace(b"\x00", b"").decode(errors="replace").strip().splitlines()
        return self._killed(Stop.ENDED, f"The strategy's process ended ({code})", last[-1][:300] if last else "")

    def _asked_where(self) -> Place | None:
        """Where its code is just now; None where it is not in the strategy's own, or does not say in time."""
        self._process.send_signal(ASK)
        deadline = clock.monotonic() + _PLACE_SECONDS
        poll = select.poll()
        poll.register(self._errors, select.POLLIN)
        told = b""
        while not is_whole(told) and (left := deadline - clock.monotonic()) > 0:
            if poll.poll(left * 1000):
                new = self._told()
                if not new:
                    break
                told += new
        return place_in(told)

    def _told(self) -> bytes:
        """What it has written to standard error and nobody has read."""
        try:
            return os.read(self._errors, _MOST_TOLD)
        except BlockingIOError:
            return b""


def _answered(answer: Answerer, question: str, rest: list[Any]) -> list[Any]:
    from core.errors import SaudaError

    try:
        return ["answer", answer(question, rest)]
    except SaudaError as error:
        return ["refused", type(error).__name__, error.detail, error.code]
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RecursionError) as error:
        # A strategy in our own process would get the same from a wrong argument; so it is its author's to mend.
        return ["refused", type(error).__name__, str(error), ""]


def _sentence(head: str, why: str) -> str:
    return f"{head}: {why}." if why else f"{head}."


def _ended(process: "subprocess.Popen[bytes]", home: "tempfile.TemporaryDirectory[str]") -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    process.wait()
    home.cleanup()

"""A strategy's process: closes itself off, then does what the house asks until the pipe ends."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from trading.marketdata.domain.indicators.bars import Bars
from trading.strategies.domain.strategy import Strategy

from .confinement import confine
from .interpreter import NotOneStrategy, line_of, load, preload
from .limits import Limits
from .place import tell_when_asked
from .reading import description_of, faults_in
from .remote import RemoteContext, RemoteSetup, fed, refusal_of
from .wire import WireClosed, read_message, write_message

_LONGEST_MESSAGE = 500


class Servant:
    """Holds the strategy and answers the house, one question after another."""

    def __init__(self, reads: int, writes: int, hook_seconds: float) -> None:
        self._reads, self._writes = reads, writes
        self._patience = 2 * hook_seconds + 1
        self._context = RemoteContext(self.ask)
        self._setup: RemoteSetup | None = None
        self._class: type[Strategy] | None = None
        self._strategy: Any = None

    def serve(self) -> None:
        """Until the house hangs up."""
        while True:
            verb, *arguments = self._read()
            try:
                answer = ["done", getattr(self, f"do_{verb}")(*arguments)]
            except WireClosed:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever a strategy raises is told to the house, with its line
                text = str(error)[:_LONGEST_MESSAGE]
                answer = ["raised", type(error).__name__, text, line_of(error), isinstance(error, NotOneStrategy)]
            self._write(answer)

    def ask(self, *question: Any) -> Any:
        """A question in the middle of a hook."""
        self._write(list(question))
        verb, *answer = self._read()
        if verb == "refused":
            raise refusal_of(*answer)
        return answer[0]

    def do_load(self, source: str) -> None:
        self._class = load(source, self._say)

    def do_describe(self, source: str) -> dict[str, Any]:
        strategy = load(source, self._say)
        if faults := faults_in(strategy):
            return {"faults": list(faults)}
        return {"description": description_of(strategy)}

    def do_make(self, values: Mapping[str, Any]) -> str | None:
        if self._class is None:
            raise RuntimeError("nothing is loaded")
        self._strategy = self._class()
        self._strategy.values = values
        reason: str | None = self._strategy.conflict()
        return reason

    def do_setup(self, symbols: list[str], interval: Any) -> None:
        self._setup = RemoteSetup(self.ask, tuple(symbols), interval)
        self._strategy.setup(self._setup)

    def do_hook(self, name: str, now: Any, values: list[float], arguments: list[Any]) -> None:
        self._context.now = now
        if self._setup is not None:
            fed(self._setup.lines, values)
        getattr(self._strategy, name)(self._context, *arguments)

    def do_lines(self) -> Any:
        return dict(self._strategy.lines())

    def do_signals(self, columns: Mapping[str, Any], lines: Mapping[str, Any]) -> Any:
        return self._strategy.signals(Bars(**columns), lines)

    def _say(self, text: str) -> None:
        """What the strategy prints is a line of the run's journal; outside of hooks it is lost."""
        if self._context.now is not None:
            self.ask("call", "log", (text[:_LONGEST_MESSAGE],), {})

    def _read(self) -> Any:
        signal.setitimer(signal.ITIMER_REAL, 0)
        message = read_message(self._reads)
        # The house kills what is slow. Should the house hang, the kernel's timer does; should it die, the kernel.
        signal.setitimer(signal.ITIMER_REAL, self._patience)
        return message

    def _write(self, message: list[Any]) -> None:
        write_message(self._writes, message)


def main() -> None:
    """`argv[1]` holds the house's process id and the limits as JSON. Messages travel over standard input and
    output, which the strategy's own prints must not touch."""
    told = json.loads(sys.argv[1])
    limits = Limits(**told["limits"])
    reads, writes = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    preload()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tell_when_asked()
    walls = confine(limits, house=told["house"])
    servant = Servant(reads, writes, limits.hook_seconds)
    try:
        write_message(writes, ["ready", [wall.value for wall in walls]])
        servant.serve()
    except WireClosed:
        os._exit(0)

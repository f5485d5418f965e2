"""Calling a strategy's hooks: one after another, never one inside another."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..strategy import Strategy
from ..trouble import StrategyTrouble

MOST_AT_ONCE = 5_000
"""Hooks that one may cause at its own instant: an order that is sent again whenever it is refused never ends."""


class StrategyFailed(Exception):
    """A hook has raised; `hook` says which, `__cause__` what, `at` when by market time. It is called no more."""

    def __init__(self, hook: str, error: BaseException, at: datetime | None) -> None:
        told = str(error) if isinstance(error, StrategyTrouble) else f"{type(error).__name__}: {error}"
        super().__init__(f"{hook}: {told}")
        self.hook, self.at = hook, at


class Hooks:
    """Calls with one context; what a hook causes waits until it is done."""

    def __init__(self, context: object, now: Callable[[], datetime]) -> None:
        self._context, self._now = context, now
        self._waiting: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._is_busy = False

    def call(self, hook: Callable[..., None], *arguments: Any) -> None:
        """Call a hook, or let it wait until the one that is running is done. Raises StrategyFailed."""
        if self._is_busy:
            self._waiting.append((hook, arguments))
            return
        self._is_busy = True
        try:
            hook(self._context, *arguments)
            told = 0
            while self._waiting:
                hook, arguments = self._waiting.popleft()
                told += 1
                if told > MOST_AT_ONCE:
                    raise RecursionError("its hooks cause each other without end")
                hook(self._context, *arguments)
        except Exception as error:
            self._waiting.clear()
            raise StrategyFailed(getattr(hook, "__name__", "hook"), error, self._now()) from error
        finally:
            self._is_busy = False


def own_hook(strategy: Strategy, name: str) -> Callable[..., None] | None:
    """The hook if the strategy has one of its own."""
    own = getattr(type(strategy), name)
    return None if own is getattr(Strategy, name) else getattr(strategy, name)

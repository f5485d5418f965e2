"""Strategies that members write themselves, run in a process of their own.

Three walls, each for itself: rules on the text (`rules`), an interpreter without dangerous names (`interpreter`),
and a process that the kernel keeps from files, network, other processes and more memory or time than its share
(`confinement`). The strategy's hooks are called over a pipe (`proxy`, `child`), so the rest of the house sees a
strategy like any other.
"""

from .confinement import Wall
from .limits import Limits
from .process import SandboxDied, StrategyProcess, StrategyRaised
from .proxy import own_strategy, source_of
from .reading import CodeRefused, Description, describe
from .rules import CodeFault, source_faults

__all__ = [
    "CodeFault",
    "CodeRefused",
    "Description",
    "Limits",
    "SandboxDied",
    "StrategyProcess",
    "StrategyRaised",
    "Wall",
    "describe",
    "own_strategy",
    "source_faults",
    "source_of",
]

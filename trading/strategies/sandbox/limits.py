"""How much of the machine a strategy's process may have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Attributes:
    memory_mb: beyond what the interpreter itself takes, counted as address space.
    cpu_seconds: of the whole life of the process.
    hook_seconds: wall time that one hook may think, without the time in which it is answered.
    hook_calls: questions that one hook may ask of the house.
    answer_seconds: wall time that the house spends on answering one hook.
    start_seconds: until the process is ready.
    strict: refuse to run where the kernel does not keep it from files and network.
    """

    memory_mb: int = 512
    cpu_seconds: int = 3600
    hook_seconds: float = 5.0
    hook_calls: int = 20_000
    answer_seconds: float = 60.0
    start_seconds: float = 30.0
    strict: bool = False

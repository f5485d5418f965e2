"""Closing off the process of a strategy, from inside, after everything it needs has been loaded.

On Linux (x86-64 and ARM64) a seccomp filter allows only the system calls of computing and of the pipe: no file can
be opened, no socket made, no process started or signalled, whatever code runs. Elsewhere an audit hook of the
interpreter refuses the same, which crude attempts do not pass and determined ones may. Either way resource limits
hold, and the environment holds no secrets because the house started the process without any.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from enum import StrEnum
from typing import Any

from .limits import Limits

_NOBODY = 65_534
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_FILTER_MODE = 2
_ALLOW, _REFUSE = 0x7FFF_0000, 0x0005_0001
"""SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO with EPERM, so that Python sees an OSError and its author a message."""

# Reading and writing what is open, memory, time, signals to oneself, randomness, and the end.
_CALLS = {
    "x86_64": (
        0xC000_003E,
        {
            "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10,
            "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "writev": 20,
            "sched_yield": 24, "mremap": 25, "madvise": 28, "getpid": 39, "exit": 60, "gettimeofday": 96,
            "getrusage": 98, "times": 100, "sigaltstack": 131, "gettid": 186, "futex": 202, "clock_gettime": 228,
            "clock_getres": 229, "exit_group": 231, "ppoll": 271, "getrandom": 318, "restart_syscall": 219,
            "setitimer": 38,
        },
    ),
    "aarch64": (
        0xC000_00B7,
        {
            "lseek": 62, "read": 63, "write": 64, "writev": 66, "ppoll": 73, "fstat": 80, "close": 57, "exit": 93,
            "exit_group": 94, "futex": 98, "clock_gettime": 113, "clock_getres": 114, "restart_syscall": 128,
            "sched_yield": 124, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "sigaltstack": 132,
            "times": 153, "getrusage": 165, "gettimeofday": 169, "getpid": 172, "gettid": 178, "brk": 214,
            "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278,
            "setitimer": 103,
        },
    ),
}  # fmt: skip


class Wall(StrEnum):
    """What holds on this machine."""

    MEMORY = "memory"
    CPU = "cpu"
    NO_FILES_WRITTEN = "no files written"
    NO_SECRETS = "no secrets"
    OTHER_USER = "another user"
    ENDS_WITH_HOUSE = "ends with the house"
    KERNEL_FILTER = "kernel filter: no files, network or processes"
    AUDIT_HOOK = "audit hook: no files, network or processes"


def confine(limits: Limits, *, house: int) -> tuple[Wall, ...]:
    """Close the process off for good; what holds afterwards. `house` is the process that started it."""
    walls = [Wall.NO_SECRETS]
    if _is_another_user():
        walls.append(Wall.OTHER_USER)
    # After the change of user, which would undo it, and before the filter, after which nothing undoes it.
    if end_with(house):
        walls.append(Wall.ENDS_WITH_HOUSE)
    walls += _resource_walls(limits)
    if _filter_calls():
        walls.append(Wall.KERNEL_FILTER)
    sys.addaudithook(_refuse)
    return (*walls, Wall.AUDIT_HOOK)


def _is_another_user() -> bool:
    if os.name != "posix" or os.geteuid() != 0:
        return False
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    return True


def end_with(house: int) -> bool:
    """Have the kernel kill this process when the thread that started it ends; whether it does.

    A strategy that computes looks at no pipe, so that the end of one would not end it.
    """
    if sys.platform != "linux":
        return False
    libc: Any = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        return False
    if os.getppid() != house:
        # It died before the kernel knew.
        os._exit(0)
    return True


def _resource_walls(limits: Limits) -> list[Wall]:
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    # At the first bound it says where it is, a second later it is killed.
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds, last=limits.cpu_seconds + 1)
    walls = [Wall.CPU, Wall.NO_FILES_WRITTEN]
    if (taken := _address_space()) is not None:
        _lower(resource.RLIMIT_AS, taken + limits.memory_mb * 1024 * 1024)
        walls.append(Wall.MEMORY)
    return walls


def _lower(which: int, value: int, *, last: int | None = None) -> None:
    """Bound a resource; from `last` on (default: at once) the kernel knows no mercy."""
    bounds = (value, value if last is None else last)
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        bounds = (min(bounds[0], hard), min(bounds[1], hard))
    resource.setrlimit(which, bounds)


def _address_space() -> int | None:
    """Bytes of address space taken by now, None where the system does not say."""
    try:
        # In bytes: a codec would have to be imported, which another user may not be able to.
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return None


_REFUSED_EVENTS = (
    "open", "os.", "socket.", "subprocess.", "shutil.", "ctypes.", "import", "fcntl.", "mmap.", "pty.", "signal.",
)  # fmt: skip


def _refuse(event: str, arguments: Any) -> None:
    if event == "import":
        # Of a module that is loaded already Python only looks the name up, and no event is raised.
        raise ImportError(f"{arguments[0]} cannot be imported here")
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not available to a strategy")


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]


def _filter_calls() -> bool:
    """Put the kernel's filter in force; False where there is none for this machine or it may not be used."""
    known = _CALLS.get(platform.machine())
    if sys.platform != "linux" or known is None:
        return False
    libc: Any = ctypes.CDLL(None, use_errno=True)
    program = _program(*known)
    buffer = ctypes.create_string_buffer(program, len(program))
    wanted = _Filter(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(wanted), 0, 0) == 0)


def _program(architecture: int, calls: dict[str, int]) -> bytes:
    """Classic BPF: refuse another architecture's calls, allow those in the list, refuse the rest."""
    load, equal, answer = 0x20, 0x15, 0x06
    lines = [(load, 0, 0, 4), (equal, 1, 0, architecture), (answer, 0, 0, _REFUSE), (load, 0, 0, 0)]
    numbers = sorted(calls.values())
    for place, number in enumerate(numbers):
        lines.append((equal, len(numbers) - place, 0, number))
    lines += [(answer, 0, 0, _REFUSE), (answer, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)

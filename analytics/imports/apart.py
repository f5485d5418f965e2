"""Parsing an uploaded workbook or PDF in a process of its own. A file of a kilobyte can make its parser ask for a
hundred gigabytes, or panic in native code; neither can be caught, and both would take the server along."""

import resource
import subprocess
import sys
from pathlib import Path

import msgspec

from .sheets import FileBroken, Sheet, is_text, sheets_in

CPU_SECONDS = 60
WALL_SECONDS = 120
MEMORY_MB = 2048
"""Address space, of which the libraries themselves take some 300 MB."""
_ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path[:0] = sys.argv[1:]; from analytics.imports.apart import main; main()"
# One thread a process, and nothing of the house's environment.
_ENVIRONMENT = {"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class _Told(msgspec.Struct):
    """What the process answers: sheets, or a code and a detail."""

    sheets: tuple[tuple[str, list[list[str]]], ...] = ()
    fault: tuple[str, str] | None = None


def sheets_of(content: bytes, *, password: str = "") -> tuple[Sheet, ...]:
    """All sheets that hold anything. A PDF is one sheet, its tables and the lines between them in order.

    Raises:
        FileBroken: `file_empty`, `file_too_large`, `file_unreadable`, `file_encoding`, `file_cut`,
            `password_needed`, `no_tables` for a PDF of pictures.
    """
    if is_text(content):
        return sheets_in(content)
    command = [sys.executable, "-I", "-c", _START, str(_ROOT), str(_ROOT / "platform")]
    try:
        done = subprocess.run(
            command,
            input=msgspec.msgpack.encode((password, content)),
            capture_output=True,
            env=_ENVIRONMENT,
            cwd="/",
            timeout=WALL_SECONDS,
            check=True,
        )
        told = msgspec.msgpack.decode(done.stdout, type=_Told)
    except (subprocess.SubprocessError, msgspec.DecodeError) as error:
        raise FileBroken("file_unreadable", "The file is broken, or takes too much to be read.") from error
    if told.fault is not None:
        raise FileBroken(*told.fault)
    return tuple(Sheet(name, rows) for name, rows in told.sheets)


def main() -> None:
    """In the process: the file from standard input, the answer to standard output."""
    password, content = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=tuple[str, bytes])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    try:
        sheets = sheets_in(content, password=password)
        told = _Told(sheets=tuple((sheet.name, [list(row) for row in sheet.rows]) for sheet in sheets))
    except FileBroken as broken:
        told = _Told(fault=(broken.code, broken.detail))
    sys.stdout.buffer.write(msgspec.msgpack.encode(told))

"""Arrays as bytes for one column of a row: numpy's own compressed archive, read without pickle."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import DataBroken

Columns: TypeAlias = Mapping[str, NDArray[Any]]


def pack(columns: Columns) -> bytes:
    """Named arrays of numbers, booleans or text of one length, compressed.

    Raises ValueError for arrays of several lengths, or of objects.
    """
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns of several lengths: {sorted(lengths)}")
    if any(column.dtype.hasobject for column in columns.values()):
        raise ValueError("columns of objects cannot be packed")
    target = io.BytesIO()
    # numpy types the keywords as its own flags.
    np.savez_compressed(target, **dict(columns))  # type: ignore[arg-type]
    return target.getvalue()


def unpack(content: bytes | memoryview) -> dict[str, NDArray[Any]]:
    """The inverse of `pack`. Raises DataBroken for what is no such archive."""
    try:
        with np.load(io.BytesIO(bytes(content)), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise DataBroken("A stored result cannot be read.", code="result_unreadable") from error

"""Our own recordings of everything a feed said: written while it runs, replayed through the same path as live."""

from .reader import RecordedFile, recorded_files, recorded_frames
from .recorder import TickRecorder

__all__ = ["RecordedFile", "TickRecorder", "recorded_files", "recorded_frames"]

"""What a process compiles or loads before somebody waits for it."""

import threading

from trading.marketdata.domain.options import kernel


def warm_up_in_background() -> None:
    """Load the option kernel on a thread of its own; the first process of an installation compiles it."""
    threading.Thread(target=kernel.warm_up, name="warm-up", daemon=True).start()

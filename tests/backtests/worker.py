"""Works on a run and is made to be killed: `python -m tests.backtests.worker RUN_ID`."""

import sys
from uuid import UUID


def main() -> None:
    """Work until the run is over."""
    import django

    django.setup()
    from backtests.services.work import run_work
    from core.tenancy import system_scope

    with system_scope():
        run_work(UUID(sys.argv[1]))


if __name__ == "__main__":
    main()

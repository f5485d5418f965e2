"""One migrated database for all workers of a run, which each of them copies: migrating takes most of a minute of a
processor, a copy a second."""

import fcntl
from pathlib import Path

from django.db import connection


def copy_one_migrated_database(folder: Path) -> None:
    """Let this worker's database begin as a copy of the migrated one; whoever comes first makes that.

    `folder` is the workers' own of this run. The next run takes the place of what this one leaves on a server that
    is not the suite's own.
    """
    test, name = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    own, template = test["NAME"], f"test_{name}_template"
    made = folder / "migrated"
    with (folder / "migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            test["NAME"] = template
            try:
                connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            finally:
                # "keepdb": nothing is destroyed, the connection is the former database's again.
                connection.creation.destroy_test_db(name, verbosity=0, keepdb=True)
                test["NAME"] = own
            made.touch()
    test["TEMPLATE"] = template

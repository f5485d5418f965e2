#!/usr/bin/env python
"""Sauda's command line. Without DJANGO_SETTINGS_MODULE it speaks to the embedded demo installation."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    # platform/ is no package (it would shadow the standard library's module), so it goes on the path by hand.
    sys.path.insert(1, str(ROOT / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

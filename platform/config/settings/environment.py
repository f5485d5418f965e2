"""The environment, read once and strictly: a missing or malformed value stops the start, never a request."""

from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parents[3]

env = environ.Env()
if (ROOT / ".env").exists():
    env.read_env(str(ROOT / ".env"))

"""Driving runs: a process claims them, and a thread each tells their strategies what happens."""

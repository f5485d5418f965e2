"""The demo: a whole installation in one process, with invented people, money and prices."""

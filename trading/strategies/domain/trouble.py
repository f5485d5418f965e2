"""What goes wrong in a strategy and is told to its author in whole words."""


class StrategyTrouble(Exception):
    """Its message says all; the name of its class would say nothing to an author."""

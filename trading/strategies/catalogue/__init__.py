"""The strategies that come with the house, one module each; `trading.strategies.registry` finds them."""

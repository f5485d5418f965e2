"""What became of the desk's money: the dashboard, and the figures behind it."""

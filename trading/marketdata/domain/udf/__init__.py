"""What TradingView's UDF protocol asks of a server, as far as it is pure."""

"""The order pages: the ticket, the book, one order, trades, and the marks on a chart."""

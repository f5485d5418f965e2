"""What stands around every HTTP request: its id, its bounds, and how an error becomes an answer."""

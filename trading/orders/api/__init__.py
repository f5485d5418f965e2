"""The API of orders, one module a noun."""

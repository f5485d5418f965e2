"""Forms of the analytics pages, one module a noun."""

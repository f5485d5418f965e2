"""Reports on paper: pure functions from values to the bytes of a PDF, drawn as vectors; none asks the database."""

from .tear_sheet import SheetTable, TearSheet, tear_sheet_pdf

__all__ = ["SheetTable", "TearSheet", "tear_sheet_pdf"]

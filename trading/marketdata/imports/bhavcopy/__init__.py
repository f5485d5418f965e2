"""Bhavcopies: what the exchange published of a day."""

from .importer import bhavcopy_import

__all__ = ["bhavcopy_import"]

"""Instrument masters as brokers and the exchange publish them, read into one shape. No Django in here.

Each module reads one publisher's file: `read(stream, on)` yields a Listing or a Rejection for every row.
"""

from .listing import Listing, MalformedMaster, Rejection, RejectionReason
from .reader import read_master

__all__ = ["Listing", "MalformedMaster", "Rejection", "RejectionReason", "read_master"]

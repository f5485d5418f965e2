"""Option chains as NSE's site and API and Upstox's API hand them out: one moment, every strike."""

from .importer import option_chain_import
from .readers import ChainContext

__all__ = ["ChainContext", "option_chain_import"]

"""What brokers call an exchange's segment on their statements.

Beside the formats and not beside the adapters: an adapter's words are those of a broker's API, these of its paper.
Segments of the APIs are here too, for exports that were made through them.
"""

_NAMES = {
    "NSE": ("NSE", "NSE_EQ", "NSE-EQ", "NSEEQ"),
    "BSE": ("BSE", "BSE_EQ", "BSE-EQ", "BSEEQ"),
    "NFO": ("NFO", "NSE_FO", "NSE-FO", "NSE-F&O", "FON", "FONSE"),
    "BFO": ("BFO", "BSE_FO", "BSE-FO", "BSE-F&O", "FOB", "FOBSE"),
}
_EXCHANGES = {name: exchange for exchange, names in _NAMES.items() for name in names}


def exchange_of(word: str) -> str:
    """The exchange of a statement's word; empty where it is not known."""
    return _EXCHANGES.get(word.strip().upper(), "")

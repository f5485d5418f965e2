"""How the simulated instruments behave: sector, volatility and turnover, by symbol.

Round figures of the right order of magnitude; they describe no real instrument's present state.
"""

import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StockProfile:
    """Standard deviation of a day's return, units traded a day, share in an index of all stocks."""

    sector: str
    daily_volatility: float
    daily_volume: int
    weight: float


_STOCKS = {
    "RELIANCE": StockProfile("energy", 0.013, 12_000_000, 8.4),
    "HDFCBANK": StockProfile("bank", 0.011, 18_000_000, 12.6),
    "ICICIBANK": StockProfile("bank", 0.012, 11_000_000, 8.9),
    "INFY": StockProfile("it", 0.014, 8_000_000, 4.9),
    "TCS": StockProfile("it", 0.012, 2_600_000, 2.9),
    "ITC": StockProfile("fmcg", 0.010, 14_000_000, 3.4),
    "LT": StockProfile("industry", 0.013, 2_000_000, 3.8),
    "AXISBANK": StockProfile("bank", 0.014, 8_500_000, 2.9),
    "SBIN": StockProfile("bank", 0.013, 13_000_000, 3.3),
    "KOTAKBANK": StockProfile("bank", 0.012, 3_600_000, 2.7),
    "BHARTIARTL": StockProfile("telecom", 0.012, 5_400_000, 4.6),
    "HINDUNILVR": StockProfile("fmcg", 0.010, 1_700_000, 1.9),
    "BAJFINANCE": StockProfile("finance", 0.016, 8_000_000, 2.3),
    "BAJAJ-AUTO": StockProfile("auto", 0.014, 380_000, 1.1),
    "M&M": StockProfile("auto", 0.015, 2_600_000, 2.6),
    "MARUTI": StockProfile("auto", 0.013, 420_000, 1.9),
    "TATAMOTORS": StockProfile("auto", 0.018, 15_000_000, 1.2),
    "TATASTEEL": StockProfile("metal", 0.018, 34_000_000, 1.3),
    "HINDALCO": StockProfile("metal", 0.018, 5_800_000, 1.0),
    "JSWSTEEL": StockProfile("metal", 0.016, 2_200_000, 0.9),
    "SUNPHARMA": StockProfile("pharma", 0.013, 2_300_000, 1.6),
    "DRREDDY": StockProfile("pharma", 0.014, 1_500_000, 0.7),
    "CIPLA": StockProfile("pharma", 0.013, 1_400_000, 0.7),
    "HCLTECH": StockProfile("it", 0.014, 2_900_000, 1.4),
    "WIPRO": StockProfile("it", 0.015, 9_500_000, 0.6),
    "TECHM": StockProfile("it", 0.016, 1_600_000, 0.8),
    "ASIANPAINT": StockProfile("consumer", 0.013, 1_100_000, 1.0),
    "TITAN": StockProfile("consumer", 0.013, 950_000, 1.3),
    "NESTLEIND": StockProfile("fmcg", 0.011, 1_300_000, 0.7),
    "ULTRACEMCO": StockProfile("industry", 0.013, 280_000, 1.2),
    "ADANIENT": StockProfile("industry", 0.021, 1_100_000, 0.6),
    "ADANIPORTS": StockProfile("industry", 0.018, 2_300_000, 0.9),
    "ONGC": StockProfile("energy", 0.015, 11_000_000, 0.8),
    "NTPC": StockProfile("energy", 0.014, 9_500_000, 1.5),
    "POWERGRID": StockProfile("energy", 0.013, 9_000_000, 1.1),
    "COALINDIA": StockProfile("energy", 0.014, 6_500_000, 0.8),
    "NIFTYBEES": StockProfile("fund", 0.009, 5_000_000, 0.0),
    "BANKBEES": StockProfile("fund", 0.010, 900_000, 0.0),
    "GOLDBEES": StockProfile("gold", 0.008, 12_000_000, 0.0),
}

INDEX_SECTORS = {"BANKNIFTY": frozenset({"bank"}), "FINNIFTY": frozenset({"bank", "finance"})}
VOLATILITY_INDEX = "INDIAVIX"
CALM_VIX = 13.5


def stock_profile(symbol: str) -> StockProfile:
    """The profile of a stock; one not in the table gets a made-up profile that depends on its name only."""
    known = _STOCKS.get(symbol)
    if known:
        return known
    digest = zlib.crc32(symbol.encode())
    return StockProfile(
        sector=f"other{digest % 4}",
        daily_volatility=0.012 + (digest >> 8) % 12 / 1000,
        daily_volume=200_000 + (digest >> 12) % 4_000_000,
        weight=0.3,
    )


def made_up_level(symbol: str, kind: str) -> float:
    """Where an instrument starts that nothing is known of: rupees, or points of an index."""
    if symbol == VOLATILITY_INDEX:
        return CALM_VIX
    digest = zlib.crc32(symbol.encode())
    return 10_000.0 + digest % 20_000 if kind == "INDEX" else 50.0 + digest % 2950

"""How the simulated instruments behave: level, volatility, sector and turnover, by symbol.

Round figures in the region of 2026 levels; they describe no real instrument's present price.
"""

import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StockProfile:
    """Price in rupees, deviation of a day's return, units traded a day, share in an index of all stocks."""

    price: float
    sector: str
    daily_volatility: float
    daily_volume: int
    weight: float


_STOCKS = {
    "RELIANCE": StockProfile(1420.0, "energy", 0.013, 12_000_000, 8.4),
    "HDFCBANK": StockProfile(985.0, "bank", 0.011, 18_000_000, 12.6),
    "ICICIBANK": StockProfile(1380.0, "bank", 0.012, 11_000_000, 8.9),
    "INFY": StockProfile(1540.0, "it", 0.014, 8_000_000, 4.9),
    "TCS": StockProfile(3150.0, "it", 0.012, 2_600_000, 2.9),
    "ITC": StockProfile(405.0, "fmcg", 0.010, 14_000_000, 3.4),
    "LT": StockProfile(3900.0, "industry", 0.013, 2_000_000, 3.8),
    "AXISBANK": StockProfile(1190.0, "bank", 0.014, 8_500_000, 2.9),
    "SBIN": StockProfile(930.0, "bank", 0.013, 13_000_000, 3.3),
    "KOTAKBANK": StockProfile(2120.0, "bank", 0.012, 3_600_000, 2.7),
    "BHARTIARTL": StockProfile(2050.0, "telecom", 0.012, 5_400_000, 4.6),
    "HINDUNILVR": StockProfile(2480.0, "fmcg", 0.010, 1_700_000, 1.9),
    "BAJFINANCE": StockProfile(1010.0, "finance", 0.016, 8_000_000, 2.3),
    "BAJAJ-AUTO": StockProfile(8900.0, "auto", 0.014, 380_000, 1.1),
    "M&M": StockProfile(3600.0, "auto", 0.015, 2_600_000, 2.6),
    "MARUTI": StockProfile(15_800.0, "auto", 0.013, 420_000, 1.9),
    "TATAMOTORS": StockProfile(410.0, "auto", 0.018, 15_000_000, 1.2),
    "TATASTEEL": StockProfile(172.0, "metal", 0.018, 34_000_000, 1.3),
    "HINDALCO": StockProfile(790.0, "metal", 0.018, 5_800_000, 1.0),
    "JSWSTEEL": StockProfile(1160.0, "metal", 0.016, 2_200_000, 0.9),
    "SUNPHARMA": StockProfile(1690.0, "pharma", 0.013, 2_300_000, 1.6),
    "DRREDDY": StockProfile(1260.0, "pharma", 0.014, 1_500_000, 0.7),
    "CIPLA": StockProfile(1530.0, "pharma", 0.013, 1_400_000, 0.7),
    "HCLTECH": StockProfile(1580.0, "it", 0.014, 2_900_000, 1.4),
    "WIPRO": StockProfile(246.0, "it", 0.015, 9_500_000, 0.6),
    "TECHM": StockProfile(1450.0, "it", 0.016, 1_600_000, 0.8),
    "ASIANPAINT": StockProfile(2740.0, "consumer", 0.013, 1_100_000, 1.0),
    "TITAN": StockProfile(3840.0, "consumer", 0.013, 950_000, 1.3),
    "NESTLEIND": StockProfile(1270.0, "fmcg", 0.011, 1_300_000, 0.7),
    "ULTRACEMCO": StockProfile(12_100.0, "industry", 0.013, 280_000, 1.2),
    "ADANIENT": StockProfile(2450.0, "industry", 0.021, 1_100_000, 0.6),
    "ADANIPORTS": StockProfile(1480.0, "industry", 0.018, 2_300_000, 0.9),
    "ONGC": StockProfile(247.0, "energy", 0.015, 11_000_000, 0.8),
    "NTPC": StockProfile(330.0, "energy", 0.014, 9_500_000, 1.5),
    "POWERGRID": StockProfile(275.0, "energy", 0.013, 9_000_000, 1.1),
    "COALINDIA": StockProfile(382.0, "energy", 0.014, 6_500_000, 0.8),
    "NIFTYBEES": StockProfile(290.0, "fund", 0.009, 5_000_000, 0.0),
    "BANKBEES": StockProfile(600.0, "fund", 0.010, 900_000, 0.0),
    "GOLDBEES": StockProfile(100.0, "gold", 0.008, 12_000_000, 0.0),
}

CALM_VIX = 13.5
INDEX_LEVELS = {
    "NIFTY": 26_000.0,
    "BANKNIFTY": 58_500.0,
    "FINNIFTY": 27_400.0,
    "SENSEX": 85_000.0,
    "INDIAVIX": CALM_VIX,
}
INDEX_SECTORS = {"BANKNIFTY": frozenset({"bank"}), "FINNIFTY": frozenset({"bank", "finance"})}
VOLATILITY_INDEX = "INDIAVIX"


def stock_profile(symbol: str) -> StockProfile:
    """The profile of a stock; one not in the table gets a made-up profile that depends on its name only."""
    known = _STOCKS.get(symbol)
    if known:
        return known
    digest = zlib.crc32(symbol.encode())
    return StockProfile(
        price=50.0 + digest % 2950,
        sector=f"other{digest % 4}",
        daily_volatility=0.012 + (digest >> 8) % 12 / 1000,
        daily_volume=200_000 + (digest >> 12) % 4_000_000,
        weight=0.3,
    )


def index_level(symbol: str) -> float:
    """Where an index starts when nothing is stored of it."""
    return INDEX_LEVELS.get(symbol, 10_000.0 + zlib.crc32(symbol.encode()) % 20_000)

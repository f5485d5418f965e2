"""How the compiled code lays out its arrays: settings, fills, totals and what it remembers."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Signals = NDArray[np.int8]

(
    CAPITAL,
    UNITS,
    SHARE,
    LOT,
    TICK,
    SLIPPAGE,
    SIDES,
    STOP_POINTS,
    STOP_FIXED,
    TARGET_POINTS,
    TARGET_FIXED,
    TRAIL_POINTS,
    TRAIL_FIXED,
    TOUCH,
    SQUARE_OFF_FEE,
    WALKS_DEPTH,
    PROTECTION,
) = range(17)
"""Settings. CAPITAL, TICK, SLIPPAGE and the FIXED distances in ten-thousandths of a rupee; SHARE and the POINTS in
basis points; SIDES 1 for long only, -1 for short only, 0 for both; TOUCH whether orders meet a bid and an ask;
SQUARE_OFF_FEE in paise; WALKS_DEPTH whether they find so many units at a price as it displays; PROTECTION in basis
points of the last price."""

BAR, QUANTITY, PRICE, CHARGE, REASON, ORDER = range(6)
"""Columns of fills: the bar's position, signed units, ten-thousandths, paise, a `Reason`, the order's number."""

(
    FINAL,
    TRADES,
    WINS,
    LOSSES,
    WON,
    LOST,
    BEST,
    WORST,
    CHARGES,
    TURNOVER,
    HELD,
    FILLS,
    REFUSED,
    STOPPED,
    OUTSIZED,
) = range(15)
"""Totals. FINAL, CHARGES and TURNOVER in paise; WON, LOST, BEST and WORST are net of charges, in ten-thousandths;
HELD counts pieces of bars with a position; REFUSED bars at which an entry came to no lot; OUTSIZED orders that were
larger than what the first piece of their bar displays."""

DAYS, SUM_1, SUM_2, SUM_3, SUM_4, SHORTFALL, DRAWDOWN, DEEPEST, WORTH = range(9)
"""Sums over daily returns: how many, their powers, the squares of what they lack of the risk-free rate; the deepest
drawdown of daily closes and of bars' closes; what the account was worth at each close, in ten-thousandths."""

(
    POSITION,
    CASH,
    ENTRY_UNITS,
    ENTRY_PRICE,
    ENTRY_REST,
    ENTRY_CHARGES,
    ORDERS,
    STOP,
    FIRST_STOP,
    TARGET,
    PEAK,
    TRAIL,
) = range(12)
"""What is held; units, mean price in whole paise, and what that leaves over, of the order that opened it; the
charges that what is left of it bears; how many orders are settled; and the exits, mirrored for a short position so
that up is good."""
SIGNAL, HIT_STOP, HIT_TARGET, HIT_TRAIL, SQUARE_OFF, SESSION_END, RUIN = range(7)
"""Values of REASON, as in `terms.Reason`."""
RUINED, TOO_LARGE = 1, 2
"""Values of STOPPED, as in `terms.Stopped`."""
FAR = 1 << 62
MOST_TURNOVER = 10**17
"""Of one order, in ten-thousandths: what keeps every product within 64 bits."""
HIGHEST_PRICE = 10**11
FITS_ALWAYS = MOST_TURNOVER // HIGHEST_PRICE
"""Units that come to no more than that at any price."""

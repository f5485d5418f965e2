"""Whether two price series move together: the test of Engle and Granger, and what is left when it holds.

Engle and Granger, "Co-integration and Error Correction", Econometrica 55 (1987). Critical values by the response
surface of MacKinnon, "Critical Values for Cointegration Tests", Queen's Economics Department Working Paper 1227
(2010), table 2, two variables with a constant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_SURFACE = {
    0.01: (-3.89644, -10.9519, -33.527),
    0.05: (-3.33613, -6.1101, -6.823),
    0.10: (-3.04445, -4.2412, -2.720),
}
LEVELS = tuple(_SURFACE)


@dataclass(frozen=True, slots=True)
class Cointegration:
    """y = alpha + beta · x + residual.

    `deviation` is the residuals' sample deviation; `statistic` is the t-ratio of the residuals' Dickey-Fuller
    regression (the lower, the surer that they return), `observations` the number of its rows.
    """

    alpha: float
    beta: float
    deviation: float
    statistic: float
    observations: int

    def holds(self, level: float) -> bool:
        """Whether "no cointegration" is refused at a level of significance, one of `LEVELS`."""
        return self.statistic < critical_value(level, self.observations)

    def score(self, y: float, x: float) -> float:
        """How many deviations y is above what x says."""
        return (y - self.alpha - self.beta * x) / self.deviation


def critical_value(level: float, observations: int) -> float:
    """Below this the t-ratio speaks against "no cointegration". Raises KeyError for another level."""
    infinite, first, second = _SURFACE[level]
    return infinite + first / observations + second / observations**2


def engle_granger(y: FloatArray, x: FloatArray, lags: int = 1) -> Cointegration | None:
    """Regress y on x and test the residuals for a unit root, with `lags` lagged differences and no constant.

    None where there is nothing to test: fewer than 10 + 2·lags bars, a constant series, a perfect fit.
    """
    if len(y) != len(x) or len(y) < 10 + 2 * lags or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    (alpha, beta), *_ = np.linalg.lstsq(np.column_stack((np.ones_like(x), x)), y, rcond=None)
    residuals = y - alpha - beta * x
    deviation = float(np.std(residuals, ddof=2))
    if deviation <= 1e-10 * max(1.0, float(np.abs(y).max())):
        return None
    statistic, observations = dickey_fuller(residuals, lags)
    return Cointegration(float(alpha), float(beta), deviation, statistic, observations)


def dickey_fuller(series: FloatArray, lags: int) -> tuple[float, int]:
    """The t-ratio of rho in Δs[t] = rho·s[t-1] + Σ phi_i·Δs[t-i], without a constant, and its observations."""
    change = np.diff(series)
    wanted = change[lags:]
    regressors = [series[lags:-1], *(change[lags - lag : len(change) - lag] for lag in range(1, lags + 1))]
    design = np.column_stack(regressors)
    solution, *_ = np.linalg.lstsq(design, wanted, rcond=None)
    errors = wanted - design @ solution
    variance = float(errors @ errors) / (len(wanted) - design.shape[1])
    inverse = np.linalg.pinv(design.T @ design)
    return float(solution[0] / np.sqrt(variance * inverse[0, 0])), len(wanted)

"""Greeks of a book, by what its positions are written on."""

from dataclasses import dataclass

from .book import NO_GREEKS, Book
from .exposure import exposures


@dataclass(frozen=True, slots=True)
class Sensitivities:
    """Of one underlying, or of the whole book (`underlying` "").

    `delta` and `gamma` are in units of the underlying (None for the whole: units of different things do not add
    up). In rupees: `delta_value` for a move of 100 %, `gamma_value` what delta_value gains when the underlying
    rises by 1 %, `vega` a point of volatility, `theta` a calendar day, `rho` a point of interest.
    """

    underlying: str
    delta: float | None
    delta_value: float
    gamma: float | None
    gamma_value: float
    vega: float
    theta: float
    rho: float


def sensitivities(book: Book) -> tuple[list[Sensitivities], Sensitivities]:
    """By underlying, the largest exposure first, and the total."""
    spots = {asset.driver: asset.spot for asset in book.assets}
    rows = []
    for each in exposures(book, by="underlying"):
        greeks, spot = each.greeks, spots[each.name]
        rows.append(
            Sensitivities(
                underlying=each.name,
                delta=greeks.delta,
                delta_value=greeks.delta_value,
                gamma=greeks.gamma,
                gamma_value=greeks.gamma * spot * spot / 100.0,
                vega=greeks.vega,
                theta=greeks.theta,
                rho=greeks.rho,
            )
        )
    whole = sum((each.greeks for each in exposures(book, by="underlying")), NO_GREEKS)
    total = Sensitivities(
        underlying="",
        delta=None,
        delta_value=whole.delta_value,
        gamma=None,
        gamma_value=sum(row.gamma_value for row in rows),
        vega=whole.vega,
        theta=whole.theta,
        rho=whole.rho,
    )
    return rows, total

"""Scenario margin of futures and options, in the manner of SPAN: pure arrays, no database.

`risk_arrays` values every contract of one underlying in sixteen scenarios; `requirement` says what a portfolio of
them has to set aside. docs/margin.md has the formulas and where they come from.
"""

from trading.portfolio.domain.span.arrays import Contract, RiskArrays, Underlying, risk_arrays
from trading.portfolio.domain.span.parameters import SpanParameters
from trading.portfolio.domain.span.requirement import NO_REQUIREMENT, Requirement, requirement

__all__ = [
    "NO_REQUIREMENT",
    "Contract",
    "Requirement",
    "RiskArrays",
    "SpanParameters",
    "Underlying",
    "requirement",
    "risk_arrays",
]

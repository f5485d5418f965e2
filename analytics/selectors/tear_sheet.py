"""The tear sheet of a scope: what is on it, and the sheet as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from analytics.domain.breakdown import By
from analytics.domain.report import PerformanceReport
from analytics.domain.slippage import Slippage
from analytics.pdf import SheetTable, TearSheet, tear_sheet_pdf
from analytics.selectors.breakdown import Part, breakdown
from analytics.selectors.executions import slippage_of
from analytics.selectors.history import history_of
from analytics.selectors.performance import performance_of
from analytics.selectors.scope import Scope
from core import clock
from core.money import from_paise
from core.templatetags.desk import inr_signed, ist, qty

# As many as a printed page has room for.
_TOP = 8


@dataclass(frozen=True, slots=True)
class SheetContent:
    """What a tear sheet tells; `symbols` and `strategies` are the best of each, the best first."""

    report: PerformanceReport
    slippage: Slippage
    symbols: Sequence[Part]
    strategies: Sequence[Part]
    made_at: datetime


def tear_sheet(scope: Scope, *, organisation_id: UUID) -> SheetContent:
    """The content, of accounts that the caller may see."""
    history = history_of(scope)
    return SheetContent(
        report=performance_of(scope, organisation_id=organisation_id, history=history),
        slippage=slippage_of(scope),
        symbols=breakdown(history, scope, By.SYMBOL)[:_TOP],
        strategies=breakdown(history, scope, By.STRATEGY)[:_TOP],
        made_at=clock.now(),
    )


def tear_sheet_file(scope: Scope, *, organisation_id: UUID) -> bytes:
    """The same as two pages of A4."""
    content = tear_sheet(scope, organisation_id=organisation_id)
    return tear_sheet_pdf(
        content.report,
        TearSheet(
            title=scope.accounts[0].name if len(scope.accounts) == 1 else "All accounts",
            about=_about(scope),
            made_at=f"{ist(content.made_at)} IST",
            tables=[
                SheetTable("Best symbols", _rows(content.symbols)),
                SheetTable("Strategies", _rows(content.strategies)),
            ],
            notes=[_slippage(content.slippage)] if content.slippage.fills else [],
        ),
    )


def _about(scope: Scope) -> list[str]:
    modes = sorted({account.get_mode_display() for account in scope.accounts})
    strategy = [] if scope.strategy is None else [f"strategy {scope.strategy or '(none)'}"]
    named = (("symbol", scope.symbol), ("product", scope.product), ("tag", scope.tag))
    return [" and ".join(modes), *strategy, *(f"{name} {value}" for name, value in named if value)]


def _rows(parts: Sequence[Part]) -> list[tuple[str, str, str, int]]:
    return [
        (
            part.name or "(none)",
            _counted(part.trades.trades),
            inr_signed(from_paise(part.net_paise), 0),
            part.net_paise,
        )
        for part in parts
    ]


def _counted(trades: int) -> str:
    return f"{qty(trades)} trade" if trades == 1 else f"{qty(trades)} trades"


def _slippage(slipped: Slippage) -> str:
    cost = inr_signed(from_paise(slipped.cost_paise), 0)
    told = f"Slippage {cost} ({slipped.basis_points:.1f} bp) against the prices at which orders were decided, "
    estimated = f"; of {qty(slipped.estimated)} the last minute's close stands for it" if slipped.estimated else ""
    return f"{told}over {qty(slipped.fills)} fills{estimated}."

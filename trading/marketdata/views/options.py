"""The option chain page: now, or as it stood at a past minute."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core import clock
from core.errors import InvalidInput, NotFound

from ..domain.options.analytics import ChainSummary, smile, summarise
from ..domain.options.chain import ChainRow, OptionChain, OptionLeg
from ..domain.options.columns import COLUMNS
from ..domain.options.life import expires_at
from ..selectors import options
from ..services.chain_columns import chain_columns_save
from .option_charts import oi_chart, smile_chart

LAST_CHAIN = "last_chain"
_PAST_EXPIRIES = 6
_PART = "chain-part"
_STEPS = (-15, -5, -1, 1, 5, 15)


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a leg: the column's name, its value, and for open interest the most in the chain."""

    column: str
    value: Any
    most: int = 0


@dataclass(frozen=True, slots=True)
class RowView:
    """A strike as the table draws it."""

    strike: Decimal
    call: OptionLeg | None
    put: OptionLeg | None
    call_cells: tuple[Cell, ...]
    put_cells: tuple[Cell, ...]
    call_itm: bool
    put_itm: bool
    is_atm: bool


class ChainHomeView(TenantPageMixin, View):
    """The chain that this session looked at last."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """On to that chain; a page that says so where no options are listed."""
        known = options.option_underlyings(clock.trading_date())
        if not known:
            return render(request, "marketdata/options_none.html")
        last = request.session.get(LAST_CHAIN)
        return redirect("options:chain", underlying=last if last in known else known[0])


class ChainPageView(TenantPageMixin, View):
    """A chain. Live cells are patched by the socket; HTMX asks for the part around them."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest, underlying: str) -> HttpResponse:
        """The page, or its changing part for HTMX; an unknown underlying is 404."""
        found = options.option_underlying(underlying)
        request.session[LAST_CHAIN] = found.symbol
        today = clock.trading_date()
        expiries = options.option_expiries(found.symbol)
        expiry = _expiry(request.GET.get("expiry", ""), expiries, today)
        at, problem = _moment(request.GET.get("at", ""))
        context: dict[str, Any] = {
            "underlying": found.symbol,
            "underlyings": options.option_underlyings(today),
            "expiries": [(each, (each - today).days) for each in expiries if each >= today],
            "past": [each for each in reversed(expiries) if each < today][:_PAST_EXPIRIES],
            "expiry": expiry,
            "is_expired": expiry < today,
            "at": at,
            "columns": options.chain_columns_for(self.actor),
            "all_columns": COLUMNS,
        }
        if at is None and expiry < today:
            at = context["at"] = min(expires_at(expiry), clock.now())
        try:
            chain = options.chain_at(found.symbol, expiry, at) if at else options.chain_now(found.symbol, expiry)
        except (InvalidInput, NotFound) as error:
            context["problem"] = problem or error.detail
        else:
            context |= chain_context(chain, context["columns"], problem, is_past=at is not None)
        is_part = request.headers.get("HX-Target") == _PART
        return render(request, "marketdata/_chain.html" if is_part else "marketdata/options.html", context)


class ChainColumnsView(TenantPageMixin, View):
    """Which columns the member sees."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the choice, and back to the chain."""
        chain_columns_save(actor=self.actor, columns=request.POST.getlist("columns"))
        query = {name: request.POST[name] for name in ("expiry", "at") if request.POST.get(name)}
        try:
            symbol = options.option_underlying(request.POST.get("underlying", "")).symbol
        except NotFound:
            return redirect("options:home")
        return redirect(reverse("options:chain", args=[symbol], query=query))


def chain_context(chain: OptionChain, columns: tuple[str, ...], problem: str, *, is_past: bool) -> dict[str, Any]:
    """What the templates need of a chain."""
    summary = summarise(chain)
    most_oi = max((leg.quote.oi for leg in chain.legs), default=0)
    last = clock.now()
    return {
        "chain": chain,
        "summary": summary,
        "strip": strip(chain, summary),
        "rows": [row_view(row, chain, columns, most_oi) for row in chain.rows],
        "problem": problem,
        "is_past": is_past,
        "most_oi": most_oi,
        "smile": smile_chart(smile(chain), chain.forward),
        "oi": oi_chart(chain),
        "steps": [
            (f"{step:+d} m".replace("-", "−"), chain.at + timedelta(minutes=step))
            for step in _STEPS
            if chain.at + timedelta(minutes=step) <= last
        ],
        "days": max(round(chain.years * 365, 1), 0),
    }


def strip(chain: OptionChain, summary: ChainSummary) -> list[tuple[str, str, Any, str]]:
    """(field of the head, label, value, kind of figure) of the summary strip."""
    percent = None if summary.atm_iv is None else summary.atm_iv * 100
    skew = None if summary.skew is None else summary.skew * 100
    return [
        ("spot", f"{chain.underlying} spot", chain.market.spot, "price"),
        ("future", "Future", chain.market.future, "price"),
        ("synthetic", "Synthetic future", chain.synthetic, "price"),
        ("atm_iv", "ATM IV", percent, "percent"),
        ("straddle", "Straddle", summary.straddle, "price"),
        ("expected_move", "Expected move ±", summary.expected_move, "whole"),
        ("pcr_oi", "PCR (OI)", summary.pcr_oi, "ratio"),
        ("max_pain", "Max pain", summary.max_pain, "whole"),
        ("skew", "25Δ skew", skew, "points"),
    ]


def row_view(row: ChainRow, chain: OptionChain, columns: tuple[str, ...], most_oi: int) -> RowView:
    """A strike with its cells, the call's from the outside in and the put's mirrored."""
    known = chain.forward is not None
    below = known and float(row.strike) < (chain.forward or 0.0)
    return RowView(
        strike=row.strike,
        call=row.call,
        put=row.put,
        call_cells=tuple(_cell(row.call, name, most_oi) for name in columns),
        put_cells=tuple(_cell(row.put, name, most_oi) for name in reversed(columns)),
        call_itm=below,
        put_itm=known and not below,
        is_atm=row.strike == chain.atm_strike,
    )


def _cell(leg: OptionLeg | None, column: str, most_oi: int) -> Cell:
    if leg is None:
        return Cell(column, None)
    quote = leg.quote
    if column == "oi":
        return Cell(column, quote.oi, most_oi)
    if column == "iv":
        return Cell(column, None if leg.iv is None else leg.iv * 100)
    if column == "change":
        return Cell(column, None if quote.ltp is None or quote.close is None else quote.ltp - quote.close)
    source = leg if hasattr(leg, column) else quote
    return Cell(column, getattr(source, column))


def _expiry(text: str, known: tuple[date, ...], today: date) -> date:
    """The one asked for, else the next to come, else the last there was."""
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        wanted = None
    if wanted in known and wanted is not None:
        return wanted
    return next((each for each in known if each >= today), known[-1])


def _moment(text: str) -> tuple[datetime | None, str]:
    """A moment as the page's field writes it (Indian time), and what is wrong with it."""
    if not text:
        return None, ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None, "That is no time: write it as 2026-11-20T11:30."
    at = at if at.tzinfo else at.replace(tzinfo=clock.IST)
    return (None, "That moment is still to come.") if at > clock.now() else (at, "")

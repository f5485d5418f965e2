"""The chart page: candles, the book, the ticket, and what the account holds."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from rest_framework.renderers import JSONRenderer

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.clock import trading_date
from trading.instruments.domain.bands import PriceBand
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Phase, SessionState
from trading.instruments.models import Instrument
from trading.instruments.selectors import band_for, instrument_get, session_at
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.chart import ChartScale, ChartStyle, DrawingKind
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import chart_layout_for, quote_latest
from trading.marketdata.serializers import ChartLayoutSerializer
from trading.marketdata.views.book import book_context

INTERVALS = tuple(interval.value for interval in Interval)
STYLES = (
    (ChartStyle.CANDLES, "Candles"),
    (ChartStyle.HOLLOW, "Hollow candles"),
    (ChartStyle.BARS, "Bars"),
    (ChartStyle.LINE, "Line"),
    (ChartStyle.AREA, "Area"),
    (ChartStyle.HEIKIN_ASHI, "Heikin-Ashi"),
)
SCALES = ((ChartScale.LINEAR, "Linear"), (ChartScale.LOG, "Log"), (ChartScale.PERCENT, "Per cent"))
TOOLS = (
    (DrawingKind.TREND, "trend", "Trend line"),
    (DrawingKind.HORIZONTAL, "horizontal", "Horizontal line"),
    (DrawingKind.VERTICAL, "vertical", "Vertical line"),
    (DrawingKind.RECTANGLE, "rectangle", "Rectangle"),
    (DrawingKind.FIBONACCI, "fibonacci", "Fibonacci retracement"),
    (DrawingKind.TEXT, "text", "Text"),
)
FIRST_CHART = "NSE:RELIANCE"
LAST_CHART = "last_chart"


class ChartHomeView(TenantPageMixin, View):
    """The chart that this session looked at last."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """On to that chart."""
        return redirect("marketdata:chart", key=request.session.get(LAST_CHART, FIRST_CHART))


class ChartView(TenantPageMixin, View):
    """One instrument's page. Candles and live values are fetched by the page itself."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """The desk around one instrument; an unknown one is 404."""
        instrument = instrument_get(key)
        if request.session.get(LAST_CHART) != instrument.key:
            request.session[LAST_CHART] = instrument.key
        quote = quote_latest(instrument.key)
        layout = chart_layout_for(self.actor, instrument)
        interval = request.GET.get("interval", "")
        session = _session(instrument)
        context = {
            "instrument": instrument,
            "session": session,
            "session_label": _label(session),
            "band": _band(instrument, quote),
            "is_index": not instrument.is_tradable,
            "quote": quote,
            "intervals": INTERVALS,
            "interval": interval if interval in INTERVALS else layout.interval,
            "styles": STYLES,
            "scales": SCALES,
            "tools": TOOLS,
            "layout": layout,
            "layout_json": JSONRenderer().render(ChartLayoutSerializer(layout).data).decode(),
            **book_context(quote),
            "side": "SELL" if request.GET.get("side") == "SELL" else "BUY",
        }
        return render(request, "marketdata/chart.html", context)


def _session(instrument: Instrument) -> SessionState | None:
    try:
        return session_at(instrument)
    except CalendarUnknown:
        return None


def _label(session: SessionState | None) -> str:
    """What a trader must not overlook; the hours of the day are the top bar's."""
    if session is None or session.phase not in (Phase.HALTED, Phase.CLOSING_AUCTION):
        return ""
    return session.reason[:1].upper() + session.reason[1:]


def _band(instrument: Instrument, quote: Quote | None) -> PriceBand | None:
    if quote is None:
        return None
    return band_for(instrument, trading_date(), previous_close=quote.close, day_low=quote.low, day_high=quote.high)

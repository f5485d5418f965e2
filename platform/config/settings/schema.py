"""drf-spectacular: the OpenAPI schema and its two readers."""

from typing import Any

from accounts.domain.permissions import Permission, Role
from analytics.domain.breakdown import By as BreakdownGroup
from analytics.domain.figures import Unit as FigureUnit
from analytics.domain.statements import StatementKind
from analytics.domain.statements.reconcile import DifferenceKind
from analytics.domain.tax.rates import Term
from riskmgmt.domain.breaker import BreakerState
from riskmgmt.domain.measures.value_at_risk import Method as RiskMethod
from riskmgmt.domain.sizing import Method as SizingMethod
from riskmgmt.domain.states import State
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.domain.keys import Exchange
from trading.instruments.domain.sessions import Segment
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.chart import ChartStyle, DrawingKind
from trading.marketdata.domain.depth import BookState
from trading.marketdata.domain.options.payoff import LegKind
from trading.orders.domain.group import GroupKind, GroupStatus
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import OrderStatus
from trading.orders.domain.triggers.states import LegRole, LegStatus, TriggerKind, TriggerStatus
from trading.strategies.domain.runs.schedule import Weekday
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.domain.strategy import Kind as StrategyKind

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Sauda",
    "DESCRIPTION": (
        "The API of a Sauda installation. Money and prices are decimal strings in rupees, times carry an offset,"
        " lists are paged by cursor, and errors are `application/problem+json` with a stable `code`."
    ),
    "VERSION": "1.0.0",
    "LICENSE": {"name": "MIT"},
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    # Enums that several serializers share: one name each.
    "ENUM_NAME_OVERRIDES": {
        "Role": [role.value.upper() for role in Role],
        "Permission": [permission.value.upper() for permission in Permission],
        "Product": [product.value for product in Product],
        "TradingState": [state.value for state in State],
        "BreakerState": [state.value for state in BreakerState],
        "BreachKind": ["REFUSAL", "STATE", "BREAKER"],
        "RiskMethod": [method.value for method in RiskMethod],
        "SizingMethod": [method.value for method in SizingMethod],
        "BreakerOpenState": [State.REDUCING.value, State.HALTED.value],
        "OrderType": [kind.value for kind in OrderType],
        "PlainOrderType": [OrderType.MARKET.value, OrderType.LIMIT.value],
        "OrderStatus": [status.value for status in OrderStatus],
        "GroupStatus": [status.value for status in GroupStatus],
        "GroupKind": [kind.value for kind in GroupKind],
        "TriggerKind": [kind.value for kind in TriggerKind],
        "TriggerStatus": [status.value for status in TriggerStatus],
        "SearchMethod": ["GRID", "RANDOM", "BAYESIAN"],
        "OptionVolatility": ["realised", "constant", "index"],
        "StatementKind": [kind.value for kind in StatementKind],
        "StatementDifference": [kind.value for kind in DifferenceKind],
        "RunState": [state.value for state in RunState],
        "RunMode": [mode.value for mode in Mode],
        "RunNoteKind": ["STATE", "LOG", "ORDER", "LIMIT", "ERROR"],
        "SignalState": [state.value for state in SignalState],
        "Weekday": [day.name for day in Weekday],
        "TriggerLegRole": [role.value for role in LegRole],
        "TriggerLegStatus": [status.value for status in LegStatus],
        "BookState": [state.value for state in BookState],
        "StrategyLegKind": [kind.value for kind in LegKind],
        "StrategyKind": [kind.value.upper() for kind in StrategyKind],
        "OrderOrigin": [origin.value for origin in Origin],
        "StrategyOrigin": ["HOUSE", "PACKAGE", "FOLDER", "ORGANISATION"],
        "StrategyProduct": [Product.NORMAL.value, Product.INTRADAY.value],
        "Side": [side.value for side in Side],
        "BreakdownGroup": [group.value for group in BreakdownGroup],
        "GainTerm": [term.value for term in Term],
        "FigureUnit": [unit.value for unit in FigureUnit],
        "CandleInterval": [interval.value for interval in Interval],
        "BackfillInterval": ["1m", "1d"],
        "BackfillStatus": ["QUEUED", "RUNNING", "DONE", "CANCELLED", "FAILED"],
        "StorageKind": ["plain", "partitioned", "hypertable"],
        "ChartStyle": [style.value for style in ChartStyle],
        "DrawingKind": [kind.value for kind in DrawingKind],
        "ImportKind": ["CANDLES", "BHAVCOPY", "CORPORATE_ACTIONS"],
        "MarketSegment": [segment.value for segment in Segment],
        "Exchange": [exchange.value for exchange in Exchange],
        "ContractExchange": [Exchange.NFO.value, Exchange.BFO.value],
    },
    # Served from our own static files: nothing is fetched from a stranger's host.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "displayRequestDuration": True},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.add_problem_answers",
    ],
    "PREPROCESSING_HOOKS": ["core.api.schema.only_our_paths"],
}

"""What the pages of analytics look at, read from their address."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, QueryDict

from accounts.domain.actor import Actor
from analytics.domain.tax.rates import financial_year
from analytics.selectors import Scope, scope_for
from core import clock
from core.errors import InvalidInput
from trading.brokers.domain.terms import Product
from trading.portfolio.active_account import active_account, visible_accounts

ALL = "all"
_TABLES = (("Trades", "trades"), ("Days", "days"), ("Symbols", "symbols"), ("Strategies", "strategies"))
_SPANS = (("1m", "1 month", 30), ("3m", "3 months", 91), ("1y", "1 year", 365))


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that narrows or widens what a page looks at."""

    label: str
    query: str
    is_current: bool


def scope_of(request: HttpRequest, actor: Actor) -> Scope:
    """The scope of a page: the session's account unless the address names another, or all."""
    values = request.GET
    return scope_for(
        actor,
        account_id=_account_id(request, actor),
        strategy=values.get("strategy"),
        symbol=values.get("symbol", ""),
        product=_product(values),
        tag=values.get("tag", ""),
        first=_day(values, "from"),
        last=_day(values, "to"),
    )


def scope_context(request: HttpRequest, actor: Actor, scope: Scope, *, is_idle: bool = False) -> dict[str, Any]:
    """What `analytics/_head.html` shows of a scope; of an idle account with the way to all of them."""
    accounts = visible_accounts(request, actor)
    chosen = scope.accounts[0] if len(scope.accounts) == 1 and request.GET.get("account") != ALL else None
    return {
        "scope": scope,
        "account": chosen,
        "elsewhere": query_of(request, account=ALL) if is_idle and chosen and len(accounts) > 1 else "",
        "account_choices": [
            *(Choice(each.name, query_of(request, account=each.id), each == chosen) for each in accounts),
            *(
                [Choice("All accounts", query_of(request, account=ALL), chosen is None)]
                if len(accounts) > 1
                else []
            ),
        ],
        "span_choices": _span_choices(request, scope),
        "filters": [
            Choice(f"{name}: {value or 'none'}", query_of(request, **{name: None}), is_current=True)
            for name in ("strategy", "symbol", "product", "tag")
            if (value := request.GET.get(name)) is not None
        ],
        "query": request.GET.urlencode(),
        "export_tables": _TABLES,
    }


def query_of(request: HttpRequest, **changes: Any) -> str:
    """The page's query string with some values changed, or taken out (None); a page number never goes along."""
    values: dict[str, Any] = {name: value for name, value in request.GET.items() if name != "page"} | changes
    return "?" + urlencode({name: value for name, value in values.items() if value is not None})


def _span_choices(request: HttpRequest, scope: Scope) -> list[Choice]:
    today = clock.trading_date()
    spans: list[tuple[str, date | None]] = [("All", None)]
    spans += [(label, today - timedelta(days=days)) for _, label, days in _SPANS]
    spans.append(
        (f"FY {financial_year(today) % 100:02d}–{financial_year(today) % 100 + 1:02d}", _year_start(today))
    )
    return [
        Choice(label, query_of(request, **{"from": first, "to": None}), scope.first == first and scope.last is None)
        for label, first in spans
    ]


def _year_start(today: date) -> date:
    return date(financial_year(today), 4, 1)


def _account_id(request: HttpRequest, actor: Actor) -> UUID | None:
    named = request.GET.get("account")
    if named == ALL:
        return None
    if named:
        try:
            return UUID(named)
        except ValueError:
            raise _invalid("account", "That is no account.") from None
    account = active_account(request, actor)
    return account.id if account else None


def _day(values: QueryDict, name: str) -> date | None:
    if not (text := values.get(name)):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _invalid(name, "A date is written as 2026-11-20.") from None


def _product(values: QueryDict) -> str:
    product = values.get("product", "")
    if product and product not in set(Product):
        raise _invalid("product", "There is no such product.")
    return product


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=f"invalid_{field}", errors={field: [message]})

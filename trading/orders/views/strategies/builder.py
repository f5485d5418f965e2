"""Building a strategy: the page, the strikes to choose from, and rows for new legs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import InvalidInput, NotFound, Unprocessable
from trading.brokers.domain.terms import Side
from trading.orders.domain.shapes import SHAPES
from trading.orders.domain.strategy_leg import StrategyLeg
from trading.orders.selectors.option_listing import option_expiries, option_underlyings
from trading.orders.selectors.strategies.kept import kept_legs, option_strategies_for, option_strategy_get
from trading.orders.selectors.strategies.ladder import Ladder, strike_ladder
from trading.orders.selectors.strategies.legs import NamedLeg, held_legs, legs_found, legs_named, underlying_of
from trading.orders.selectors.strategies.shapes import shape_legs
from trading.orders.views.answers import reasons
from trading.portfolio.active_account import active_account

FIRST = "NIFTY"


@dataclass(frozen=True, slots=True)
class Place:
    """The chain that the page stands on; `expiry` is None where nothing is listed."""

    underlying: str
    exchange: str
    expiries: tuple[date, ...]
    expiry: date | None


class StrategyBuilderView(TenantPageMixin, View):
    """`?legs=KEY:side:lots[:price[:held]],…` is the strategy; `?kept=` one that was kept, `?shape=` a ready one."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page. Legs that cannot be are said, and left out."""
        legs, kept, problems = self._legs(request)
        of = underlying_of(legs[0].instrument) if legs else request.GET.get("underlying", "")
        first = next((leg.instrument.expiry for leg in legs if leg.instrument.strike is not None), None)
        place = place_of(of, request.GET.get("expiry", "") or str(first or ""))
        shape = request.GET.get("shape", "")
        if not legs and not problems and shape and place.expiry:
            legs, problems = _tried(lambda: _shape(shape, place))
        context = {
            "place": place,
            "underlyings": list(option_underlyings()),
            "legs": legs,
            "problems": problems,
            "kept": kept,
            "name": kept.name if kept else SHAPES[shape].name if shape in SHAPES else "",
            "strategies": option_strategies_for(self.actor),
            "shapes": [
                (view, list(shapes)) for view, shapes in groupby(SHAPES.values(), key=lambda shape: shape.view)
            ],
            "account": active_account(request, self.actor) if self.actor.may(Permission.VIEW_ACCOUNTS) else None,
            "ladder": _ladder(place),
        }
        return render(request, "orders/strategies/builder.html", context)

    def _legs(self, request: HttpRequest) -> tuple[list[NamedLeg], Any, list[str]]:
        kept = None
        if request.GET.get("kept"):
            kept = option_strategy_get(self.actor, _uuid(request.GET["kept"]))
            legs, problems = _tried(lambda: legs_named(kept_legs(kept)))
            return legs, kept, problems
        text = request.GET.get("legs", "")
        legs, refused = legs_found(text)
        return legs, kept, [reason for error in refused for reason in reasons(error)]


class ChainView(TenantPageMixin, View):
    """The strikes of `?underlying=` and `?expiry=` around the money."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The partial to choose legs from."""
        place = place_of(request.GET.get("underlying", ""), request.GET.get("expiry", ""))
        context = {"place": place, "ladder": _ladder(place, whole=bool(request.GET.get("all")))}
        return render(request, "orders/strategies/_chain.html", context)


class LegsView(TenantPageMixin, View):
    """Rows for legs: of `?symbol=&side=`, of `?shape=`, or with `?positions=1` of what the account holds."""

    permission_required: ClassVar[Permission] = Permission.VIEW_MARKET

    def get(self, request: HttpRequest) -> HttpResponse:
        """The rows; what cannot be made a leg is refused with its reason."""
        if request.GET.get("symbol"):
            side = Side.SELL if request.GET.get("side") == Side.SELL else Side.BUY
            legs = legs_named([StrategyLeg(request.GET["symbol"], side, 1)])
        elif request.GET.get("positions"):
            legs = _held(request, self.actor)
        else:
            legs = _shape(
                request.GET.get("shape", ""),
                place_of(request.GET.get("underlying", ""), request.GET.get("expiry", "")),
            )
        return render(request, "orders/strategies/_legs.html", {"legs": legs})


def place_of(underlying: str, expiry: str) -> Place:
    """The chain that is meant; the first underlying and expiry where what is asked for is not listed."""
    listed = option_underlyings()
    name = underlying.strip().upper()
    if name not in listed:
        name = FIRST if FIRST in listed else next(iter(listed), "")
    exchange = listed.get(name, "NFO")
    expiries = tuple(option_expiries(exchange, name)) if name else ()
    chosen = next((each for each in expiries if str(each) == expiry), expiries[0] if expiries else None)
    return Place(name, exchange, expiries, chosen)


def _shape(name: str, place: Place) -> list[NamedLeg]:
    if place.expiry is None:
        raise NotFound("No options are listed.", code="unknown_underlying")
    legs = shape_legs(name, underlying=place.underlying, exchange=place.exchange, expiry=place.expiry)
    return legs_named(legs)


def _held(request: HttpRequest, actor: Actor) -> list[NamedLeg]:
    actor.require(Permission.VIEW_ACCOUNTS)
    account = active_account(request, actor)
    if account is None:
        raise NotFound("There is no account to take positions from.", code="unknown_account")
    underlying = request.GET.get("underlying", "").strip().upper()
    legs = held_legs(actor, account_id=account.id, underlying=underlying)
    if not legs:
        raise NotFound(f"{account.name} holds nothing on {underlying or 'nothing'}.", code="no_positions")
    return legs_named(legs)


def _ladder(place: Place, *, whole: bool = False) -> Ladder | None:
    if place.expiry is None:
        return None
    return strike_ladder(place.exchange, place.underlying, place.expiry, whole=whole)


def _tried(make: Callable[[], Sequence[NamedLeg]]) -> tuple[list[NamedLeg], list[str]]:
    try:
        legs = make()
    except (InvalidInput, NotFound, Unprocessable) as error:
        return [], reasons(error)
    return list(legs), []


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("There is no such strategy.", code="unknown_option_strategy") from error

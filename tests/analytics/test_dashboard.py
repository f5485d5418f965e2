"""The dashboard: the reader's own desk and nobody else's."""

from decimal import Decimal

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import Membership
from analytics.selectors import dashboard, movers
from core import clock
from core.tenancy import tenant_scope
from tests.access.world import client_of
from tests.factories import actor_for, make_account, make_instrument, make_member
from trading.marketdata.domain.quote import Quote
from trading.marketdata.services import quote_publish

pytestmark = pytest.mark.django_db


def publish(key: str, ltp: str, close: str) -> None:
    price = Decimal(ltp)
    quote_publish(
        [
            Quote(
                key=key,
                ltp=price,
                open=price,
                high=price,
                low=price,
                close=Decimal(close),
                timestamp=clock.now(),
                received_at=clock.wall_now(),
                source="test",
            )
        ]
    )


def equity(membership: Membership) -> Decimal:
    with tenant_scope(membership.organisation_id):
        return dashboard(actor_for(membership)).equity


def test_a_trader_sees_their_own_money_and_an_owner_all_of_the_desks() -> None:
    trader = make_member(Role.TRADER)
    owner = make_member(Role.OWNER, trader.organisation)
    make_account(trader, funds=100_000)
    make_account(owner, funds=50_000)
    assert equity(trader) == 100_000
    assert equity(owner) == 150_000


def test_an_outsider_sees_nothing_of_it() -> None:
    make_account(make_member(Role.TRADER), funds=100_000)
    assert equity(make_member(Role.OWNER)) == 0


def test_shares_that_moved_are_ranked_and_those_that_stood_still_left_out() -> None:
    for symbol, ltp in (("UP", "101"), ("UPMORE", "110"), ("DOWN", "95"), ("STILL", "100")):
        make_instrument(f"NSE:{symbol}", has_derivatives=True)
        publish(f"NSE:{symbol}", ltp, "100")
    gainers, losers = movers()
    assert [mover.instrument.symbol for mover in gainers] == ["UPMORE", "UP"]
    assert [mover.instrument.symbol for mover in losers] == ["DOWN"]


def test_htmx_gets_the_live_part_without_the_frame() -> None:
    member = make_member(Role.VIEWER)
    client = Client()
    client.force_login(member.user)
    assert b"<html" in client.get("/").content
    assert b"<html" not in client.get("/", headers={"HX-Request": "true"}).content


@pytest.mark.parametrize("path", ["/analytics/", "/analytics/trades/"])
def test_an_account_without_trades_points_to_the_others_where_there_are_any(path: str) -> None:
    trader = make_member(Role.TRADER)
    make_account(trader, name="First")
    client = client_of(trader.user)
    assert "Look at all accounts" not in client.get(path).text
    make_account(trader, name="Second")
    page = client.get(path).text
    assert "No trade was closed on First in this span" in page
    assert 'href="?account=all">Look at all accounts</a>' in page
    assert "Look at all accounts" not in client.get(f"{path}?account=all").text

"""What is read: a trader with 20 filled orders, 20 positions and 20 quotes. `python -m config.benches.http.world`

prints, as JSON, what a client needs to read them.
"""

import json
import sys
from dataclasses import asdict, dataclass
from decimal import Decimal

import django

ROWS = 20
EMAIL, PASSWORD = "bench@example.test", "only-for-the-bench"


@dataclass(frozen=True, slots=True)
class World:
    """Where the rows are, and with what they may be read."""

    account: str
    token: str
    cookie: str
    symbols: str


def build() -> World:
    """Migrate and fill the configured database, which must be empty."""
    from django.core.management import call_command
    from django.test import Client

    from accounts.models import User

    call_command("migrate", verbosity=0)
    account, symbols = _trade()
    browser = Client()
    answer = browser.post(
        "/api/v1/auth/login", {"email": EMAIL, "password": PASSWORD}, content_type="application/json"
    )
    browser.force_login(User.objects.get(email=EMAIL))
    return World(
        account=account,
        token=answer.json()["access_token"],
        cookie=f"sessionid={browser.cookies['sessionid'].value}",
        symbols=",".join(symbols),
    )


def _trade() -> tuple[str, list[str]]:
    from accounts.domain.actor import system_actor
    from accounts.services import organisation_create, user_create
    from config.benches.fanout import ticks
    from core.ids import new_id
    from core.tenancy import tenant_scope
    from trading.brokers.domain.terms import OrderType, Product, Side
    from trading.instruments.models import Instrument
    from trading.marketdata.services import quote_publish
    from trading.orders.domain.intent import OrderIntent
    from trading.orders.services import order_submit
    from trading.portfolio.services import account_create, funds_deposit

    owner = user_create(email=EMAIL, password=PASSWORD)
    organisation = organisation_create(name="Bench", slug="bench", owner=owner)
    actor = system_actor(organisation.id, "bench")
    keys = [f"NSE:BENCH{number:02}" for number in range(ROWS)]
    for key in keys:
        Instrument.objects.create(
            key=key,
            exchange="NSE",
            symbol=key.partition(":")[2],
            name=key,
            instrument_type="EQ",
            tick_size=Decimal("0.05"),
        )
    quote_publish(ticks.first_quotes(keys).values())
    with tenant_scope(organisation.id):
        account = account_create(actor=actor, owner_id=owner.id, name="Bench")
        funds_deposit(actor=actor, account_id=account.id, paise=1_00_00_000_00)
        for key in keys:
            intent = OrderIntent(
                account_id=account.id,
                key=key,
                side=Side.BUY,
                quantity=10,
                order_type=OrderType.MARKET,
                product=Product.INTRADAY,
                client_order_id=new_id().hex,
            )
            order = order_submit(actor=actor, intent=intent)
            if order.status != "FILLED":
                raise SystemExit(f"the order was {order.status}: {order.status_code} {order.status_message}")
    return str(account.id), keys


if __name__ == "__main__":
    django.setup()
    json.dump(asdict(build()), sys.stdout)

"""A few weeks of made-up trades in an account of the demo's trader, so that analytics has a past to show.

Each goes through the same posting as any fill (order, ledger, position, charges), at the price of the simulated
minute in which it says that it traded. Who trades is a fixed seed and no skill: it is no claim of any result.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.domain.actor import system_actor
from accounts.domain.permissions import Role
from accounts.models import Membership
from analytics.services import snapshots_take
from core import clock
from core.ids import new_id
from core.money import round_to_tick
from core.tenancy import system_scope, tenant_scope
from trading.brokers.domain.messages import Acknowledged, Execution
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import BarSeries, unscale_price
from trading.marketdata.selectors.minutes import stored_minutes
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order, OrderEventType
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.posting import order_save
from trading.portfolio.domain.ledger import SourceType, deposit_postings
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_create
from trading.portfolio.services.accounts import account_lock
from trading.portfolio.services.posting import ledger_post

ACCOUNT_NAME = "Trader's track record"
_ORGANISATION = "alpha"
_OPENING_PAISE = 10_00_000 * 100
_ADDED_PAISE = 2_00_000 * 100
_TAKEN_PAISE = 75_000 * 100
_SEED = 20_261_121
_SHARES = ("RELIANCE", "TCS", "INFY", "HDFCBANK", "ICICIBANK", "SBIN", "ITC", "TATASTEEL")
_STRATEGIES = (("", ""), ("", "breakout"), ("", "reversal"), ("orb-15", "breakout"), ("vwap-fade", "reversal"))
_A_DAY = (2, 5)
_VALUE = 1_20_000


@dataclass(frozen=True, slots=True)
class _Deal:
    """One fill to come."""

    at: datetime
    instrument: Instrument
    side: Side
    quantity: int
    price: Decimal
    decided_at: Decimal
    product: Product
    strategy: str
    tag: str


def past_trades_seed() -> None:
    """Open the account and post its past, once; nothing where the market has none."""
    with system_scope():
        trader = Membership.objects.filter(organisation__slug=_ORGANISATION, role=Role.TRADER).first()
        if trader is None or TradingAccount.objects.filter(name=ACCOUNT_NAME).exists():
            return
        deals = sorted(_deals(random.Random(_SEED)), key=lambda deal: deal.at)
    if not deals:
        return
    with tenant_scope(trader.organisation_id), transaction.atomic():
        actor = system_actor(trader.organisation_id, "demo")
        account = account_create(actor=actor, owner_id=trader.user_id, name=ACCOUNT_NAME)
        account = account_lock(account.id)
        days = sorted({clock.trading_date(deal.at) for deal in deals})
        _move(account, SourceType.DEPOSIT, _OPENING_PAISE, days[0], "Opening balance")
        _move(account, SourceType.DEPOSIT, _ADDED_PAISE, days[len(days) // 2], "Added")
        _move(account, SourceType.WITHDRAWAL, _TAKEN_PAISE, days[-3], "Taken out")
        for deal in deals:
            _post(account, deal)
    with system_scope():
        snapshots_take(first=days[0], last=clock.trading_date(), account_ids=[account.id])


def _move(account: TradingAccount, kind: SourceType, paise: int, day: date, story: str) -> None:
    signed = paise if kind is SourceType.DEPOSIT else -paise
    at = clock.ist_day_start(day) + timedelta(hours=8)
    ledger_post(
        account=account,
        source_type=kind,
        source_id=new_id(),
        postings=deposit_postings(signed),
        at=at,
        description=story,
    )


def _post(account: TradingAccount, deal: _Deal) -> None:
    order = Order(
        id=new_id(),
        organisation_id=account.organisation_id,
        account=account,
        instrument=deal.instrument,
        client_order_id=f"past-{new_id().hex}",
        request_hash="",
        side=deal.side,
        quantity=deal.quantity,
        order_type=OrderType.MARKET,
        product=deal.product,
        strategy=deal.strategy,
        tag=deal.tag,
        decision_price=deal.decided_at,
        status=OrderStatus.PENDING_ROUTE,
        valid_on=clock.trading_date(deal.at),
        placed_by="demo",
        created_at=deal.at,
        updated_at=deal.at,
    )
    change = OrderChange(order, account=account, instrument=deal.instrument, actor="demo", at=deal.at)
    change.has_company = False
    change.move(OrderStatus.ROUTING, OrderEventType.ROUTED)
    name = order.id.hex
    change.apply([Acknowledged(name, deal.at), Execution(name, deal.quantity, deal.price, deal.at)])
    order_save(change, hold_paise=0, is_new=True)


def _deals(chance: random.Random) -> Iterator[_Deal]:
    """Intraday trades of each day, a few shares kept for days, all at prices of stored minutes."""
    shares = {each.symbol: each for each in Instrument.objects.filter(key__in=[f"NSE:{name}" for name in _SHARES])}
    today = clock.ist_day_start(clock.trading_date())
    for back in range(40, 0, -1):
        opens = today - timedelta(days=back)
        if chance.random() < 0.06 or not shares:
            continue
        for _ in range(chance.randint(*_A_DAY)):
            share = shares[chance.choice(sorted(shares))]
            bars = stored_minutes(share.pk, opens, opens + timedelta(days=1))
            if len(bars) > 120:
                yield from _day_trade(chance, share, bars)
        if back % 6 == 0 and back > 8:
            yield from _kept(chance, shares[chance.choice(sorted(shares))], opens, back)


def _day_trade(chance: random.Random, share: Instrument, bars: BarSeries) -> Iterator[_Deal]:
    entry = chance.randrange(5, len(bars) - 90)
    leave = min(entry + int(chance.expovariate(1 / 45)) + 3, len(bars) - 20)
    first = chance.choice((Side.BUY, Side.BUY, Side.SELL))
    strategy, tag = chance.choice(_STRATEGIES)
    quantity = max(int(_VALUE / unscale_price(bars.close[entry])), 1)
    for row, side in ((entry, first), (leave, Side.SELL if first is Side.BUY else Side.BUY)):
        yield _deal(share, bars, row, side, quantity, Product.INTRADAY, strategy, tag)


def _kept(chance: random.Random, share: Instrument, opens: datetime, back: int) -> Iterator[_Deal]:
    quantity = 0
    for day, side in ((opens, Side.BUY), (opens + timedelta(days=chance.randint(3, 7)), Side.SELL)):
        bars = stored_minutes(share.pk, day, day + timedelta(days=1))
        if len(bars) < 60:
            return
        quantity = quantity or max(int(_VALUE / unscale_price(bars.close[30])), 1)
        # Half of the last ones stay open, so that there is something to mark to market.
        if side is Side.SELL and back <= 14:
            quantity = max(quantity // 2, 1)
        yield _deal(
            share, bars, chance.randrange(20, len(bars) - 30), side, quantity, Product.DELIVERY, "", "swing"
        )


def _deal(
    share: Instrument,
    bars: BarSeries,
    row: int,
    side: Side,
    quantity: int,
    product: Product,
    strategy: str,
    tag: str,
) -> _Deal:
    at = datetime.fromtimestamp(int(bars.start[row]), clock.IST) + timedelta(seconds=20)
    price = round_to_tick(unscale_price(bars.close[row]), share.tick_size)
    # Whoever trades has looked at the price at which the minute began.
    decided_at = unscale_price(bars.open[row])
    return _Deal(at, share, side, quantity, price, decided_at, product, strategy, tag)

"""Everything a gate may ask about an order, gathered in few queries under the account's lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings

from accounts.domain.actor import Actor
from core import clock
from core.money import to_paise
from trading.brokers.domain.terms import Product, Side
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import Instrument
from trading.instruments.selectors import segment_for, session_at
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.funding import FundsNeed, opening_quantities
from trading.orders.domain.gate import InstrumentFacts, OrderAction, OrderContext, QuoteFacts, SessionFacts
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.states import WORKING
from trading.orders.domain.valuation import ProtectionBand, valuation_price, worst_price
from trading.orders.models import Order
from trading.orders.paper.venue import venue_of
from trading.orders.selectors.orders import LiveOrder, live_orders
from trading.orders.services.live.routes import route_refusal
from trading.orders.services.order.exposure import equity_paise, position_exposure, working_exposure
from trading.orders.services.order.funding import Funding, funding_of
from trading.portfolio.domain.charges import Charges
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import MarkedPosition, marked_positions
from trading.portfolio.selectors.dated import square_off_times


@dataclass(frozen=True, slots=True)
class Situation:
    """An order's context together with what the service itself goes on to use.

    `worst_price` bounds every fill (None of an SL_M, and when a MARKET order has no quote), `funding` is what the
    unfilled part costs.
    """

    context: OrderContext
    quote: Quote | None
    worst_price: Decimal | None
    funding: Funding
    today: date

    @property
    def need(self) -> FundsNeed:
        """What the unfilled part must hold."""
        return self.funding.need

    @property
    def charges(self) -> Charges:
        """An estimate for the unfilled part, in rupees."""
        return self.funding.charges

    @property
    def valid_on(self) -> date:
        """The exchange's date of the session that the order is for."""
        waits = self.context.waits_for_session and not self.context.session.is_open
        return (self.context.session.opens_on or self.today) if waits else self.today

    @property
    def margin_paise(self) -> int:
        """What the order blocks or pays besides its charges; nothing when it only closes."""
        return max(self.need.paise - self.context.charges_estimate_paise, 0)


def situation_of(
    *,
    actor: Actor,
    account: TradingAccount,
    instrument: Instrument,
    intent: OrderIntent,
    action: OrderAction,
    order: Order | None = None,
) -> Situation:
    """Look at the account and the market for a new order, or for `order` as `intent` would change it.

    The caller holds the account lock, except for a preview. Two queries and two reads of the quote store.
    """
    at = clock.now()
    today = clock.trading_date(at)
    marked = marked_positions(account_ids=[account.id])
    quote = quote_latest(instrument.key)
    live = live_orders(account.id)
    others = [each for each in live if order is None or each.id != order.id]
    filled = order.filled_quantity if order else 0
    pending = intent.quantity - filled
    band = ProtectionBand(settings.MARKET_PROTECTION_PERCENT, instrument.tick_size)
    ltp = quote.ltp if quote else None
    worst = worst_price(intent, fixed=_fixed_worst_price(order, action), ltp=ltp, band=band)
    valued_at = valuation_price(intent, worst=worst, ltp=ltp, band=band)
    held = _held(marked, instrument.key, intent.product, intent.strategy)
    claims = _of_position(live, instrument.id, intent.side, intent.product, intent.strategy)
    exiting = _exiting(claims, intent.side, held, besides=order)
    funding = funding_of(
        account_id=account.id,
        instrument=instrument,
        intent=intent,
        pending=pending,
        worst=worst,
        valued_at=valued_at,
        held=held,
        exiting=exiting,
        at=at,
        plan=account.brokerage_plan,
    )
    hold_before = order.hold_paise if order else 0
    context = OrderContext(
        action=action,
        intent=intent,
        order_id=order.id if order else None,
        organisation_id=account.organisation_id,
        account_id=account.id,
        account_is_active=account.is_active,
        account_is_paper=account.is_paper,
        actor_label=actor.label,
        instrument=_instrument_facts(instrument, quote),
        quote=_quote_facts(quote),
        session=session_facts(instrument, at),
        position_quantity=held,
        position_after=held + intent.side.sign * pending,
        deliverable_quantity=_deliverable(marked, others, instrument, intent),
        claimed_quantity=sum(claim.pending_quantity for claim in claims if claim in others),
        open_orders=len(others),
        filled_quantity=filled,
        funds_available_paise=account.balance.available_paise + hold_before,
        hold_before_paise=hold_before,
        hold_needed_paise=funding.need.paise,
        charges_estimate_paise=to_paise(funding.charges.total),
        reference_price=valued_at,
        order_value_paise=to_paise((valued_at or Decimal(0)) * pending),
        day_pnl_paise=sum(position.day_result_paise for position in marked),
        now=at,
        route_refusal=route_refusal(account),
        user_id=actor.user_id or account.owner_id,
        owner_id=account.owner_id,
        exposures=tuple(map(position_exposure, marked)),
        working=tuple(map(working_exposure, others)),
        equity_paise=equity_paise(account, marked),
        capital_paise=-account.balance.capital_paise,
        margin_refusal=funding.margin.refusal,
    )
    return Situation(context, quote, worst, funding, today)


def _fixed_worst_price(order: Order | None, action: OrderAction) -> Decimal | None:
    """The band that a MARKET order in the market has already; one that waits for its session gets a new one."""
    if order is None or action is OrderAction.RELEASE or order.status not in WORKING:
        return None
    return order.worst_price if order.price is None else None


def session_facts(instrument: Instrument, at: datetime) -> SessionFacts:
    """The instrument's session; a year without a calendar counts as closed, because nothing is known of it."""
    try:
        session = session_at(instrument, at)
    except CalendarUnknown as unknown:
        return SessionFacts(phase="CLOSED", is_open=False, reason=str(unknown))
    opens_on = clock.trading_date(session.opens_at) if session.opens_at else None
    times = square_off_times(segment_for(instrument), clock.trading_date(at))
    until = times.square_off_at if times else None
    return SessionFacts(session.phase, session.is_open, session.reason, opens_on, until)


def is_fresh(quote: Quote) -> bool:
    """Whether the feed has confirmed the quote lately enough to trade on it."""
    return not quote.is_stale(clock.wall_now(), settings.QUOTE_STALE_AFTER)


def _held(marked: Sequence[MarkedPosition], key: str, product: Product, strategy: str) -> int:
    for position in marked:
        if (position.symbol, position.product, position.strategy) == (key, product, strategy):
            return position.quantity
    return 0


def _of_position(
    live: Sequence[LiveOrder], instrument_id: int, side: Side, product: Product, strategy: str
) -> list[LiveOrder]:
    position = (instrument_id, side, product, strategy)
    return [each for each in live if (each.instrument_id, each.side, each.product, each.strategy) == position]


def _exiting(claims: Sequence[LiveOrder], side: Side, held: int, *, besides: Order | None) -> int:
    """What other live orders of the same side close of the position without holding funds for it."""
    opening = opening_quantities(side=side, position_quantity=held, claims=claims)
    return sum(
        claim.pending_quantity - opening[claim.id] for claim in claims if besides is None or claim.id != besides.id
    )


def _deliverable(
    marked: Sequence[MarkedPosition], others: Sequence[LiveOrder], instrument: Instrument, intent: OrderIntent
) -> int:
    sales = _of_position(others, instrument.id, Side.SELL, intent.product, intent.strategy)
    held = _held(marked, instrument.key, intent.product, intent.strategy)
    return held - sum(sale.pending_quantity for sale in sales)


def _instrument_facts(instrument: Instrument, quote: Quote | None) -> InstrumentFacts:
    return InstrumentFacts(
        id=instrument.id,
        key=instrument.key,
        exchange=instrument.exchange,
        instrument_type=instrument.instrument_type,
        underlying=instrument.underlying,
        expiry=instrument.expiry,
        strike=instrument.strike,
        lot_size=instrument.lot_size,
        tick_size=instrument.tick_size,
        freeze_quantity=instrument.freeze_quantity,
        has_derivatives=instrument.has_derivatives,
        is_active=instrument.is_active,
        band=venue_of(instrument, quote).band,
    )


def _quote_facts(quote: Quote | None) -> QuoteFacts | None:
    if quote is None:
        return None
    return QuoteFacts(
        ltp=quote.ltp,
        previous_close=quote.close,
        bid=quote.bid,
        ask=quote.ask,
        timestamp=quote.timestamp,
        age=clock.wall_now() - quote.received_at,
        is_stale=not is_fresh(quote),
        source=quote.source,
    )

"""The port between an order and whatever must agree to it. Gates are listed in `PRE_TRADE_GATES`.

The orders app itself refuses what no exchange would take, before any gate is asked: an expired contract,
an account that is switched off, a sale for DELIVERY beyond what the account holds, a MARKET order
without a price to go by, a stop whose trigger the market has reached, an after-market order while the
market is open, and what the ledger cannot fund (`domain/admission.py`). The session, stale
prices, price bands and every limit of a desk are the gates' business.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct, structs

from trading.instruments.domain.bands import PriceBand
from trading.instruments.domain.sessions import Phase

from .intent import OrderIntent


class OrderAction(StrEnum):
    """Why the gates are asked. PREVIEW writes nothing: `record` is not called for it. RELEASE sends an
    after-market order that was accepted before, at the opening of its session."""

    SUBMIT = "SUBMIT"
    MODIFY = "MODIFY"
    PREVIEW = "PREVIEW"
    RELEASE = "RELEASE"


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """The instrument as the exchange defines it; prices in rupees, the day's band None where none is known."""

    id: int
    key: str
    exchange: str
    instrument_type: str
    underlying: str
    expiry: date | None
    strike: Decimal | None
    lot_size: int
    tick_size: Decimal
    freeze_quantity: int | None
    has_derivatives: bool
    is_active: bool
    band: PriceBand | None = None


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """The latest quote at the time of asking; prices in rupees, `age` on the wall clock."""

    ltp: Decimal
    previous_close: Decimal
    bid: Decimal | None
    ask: Decimal | None
    timestamp: datetime
    age: timedelta
    is_stale: bool
    source: str


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """`phase` is one of instruments' session phases; `is_open` when orders trade continuously.

    `opens_on` is the exchange's date of the session that runs, or of the next one; None where no calendar knows it.
    `intraday_until` is when intraday positions of today are closed; None where nobody closes them.
    """

    phase: str
    is_open: bool
    reason: str
    opens_on: date | None = None
    intraday_until: datetime | None = None

    @property
    def takes_orders(self) -> bool:
        """Whether the exchange takes orders for this session: it trades continuously, or closes by auction."""
        return self.is_open or self.phase == Phase.CLOSING_AUCTION

    @property
    def takes_after_market(self) -> bool:
        """Whether an order can wait for the next session: this one is over, and a halt is none."""
        return not self.takes_orders and self.phase != Phase.HALTED and self.opens_on is not None


@dataclass(frozen=True, slots=True)
class Exposure:
    """One position of the account, or what a working order would add to it.

    `quantity` is signed. `value_paise` is its market exposure, signed by direction: quantity times price, at the
    strike instead of the premium for a short option, negative for what gains when the underlying falls.
    `underlying` is the symbol itself for cash instruments, so that shares and their contracts meet under one name.
    """

    key: str
    underlying: str
    instrument_type: str
    product: str
    strategy: str
    quantity: int
    value_paise: int
    day_pnl_paise: int = 0


class OrderContext(Struct, frozen=True):
    """All a gate may need, gathered once, so that gates ask the database for nothing but their limits.

    Amounts ending in `_paise` are integers. `position_quantity` is signed, of this instrument, product
    and strategy, as it is now; `position_after` is the same once the rest of the order has filled.
    `deliverable_quantity` is what a sale of a delivered product may draw on, net of other live sales,
    `claimed_quantity` what other live orders of the same side will take of the position before this one.
    `open_orders` counts the account's other live orders. `hold_before_paise` is what a modified order holds
    already, `funds_available_paise` is without it, `hold_needed_paise` what it needs from now on.
    `reference_price` values the order: its limit, or the worst price of a MARKET order, None without a
    quote. `day_pnl_paise` is realised plus unrealised since the day began, after charges. `user_id` places the
    order (the account's owner where the house itself does), `owner_id` owns the account. `exposures` are the
    account's positions, `working` what its other live orders have yet to trade. `equity_paise` is what the account
    is worth at the latest prices, `capital_paise` what its owner has put in and not taken out. `route_refusal` is
    the code and message of what keeps orders from the account's broker now, None when nothing does.
    `margin_refusal` is the code of what keeps the margin of a future or an option from being known, empty when it
    is known.
    """

    action: OrderAction
    intent: OrderIntent
    order_id: UUID | None
    organisation_id: UUID
    account_id: UUID
    account_is_active: bool
    account_is_paper: bool
    actor_label: str
    instrument: InstrumentFacts
    quote: QuoteFacts | None
    session: SessionFacts
    position_quantity: int
    position_after: int
    deliverable_quantity: int
    claimed_quantity: int
    open_orders: int
    filled_quantity: int
    funds_available_paise: int
    hold_before_paise: int
    hold_needed_paise: int
    charges_estimate_paise: int
    reference_price: Decimal | None
    order_value_paise: int
    day_pnl_paise: int
    now: datetime
    route_refusal: tuple[str, str] | None = None
    user_id: UUID | None = None
    owner_id: UUID | None = None
    exposures: tuple[Exposure, ...] = ()
    working: tuple[Exposure, ...] = ()
    equity_paise: int = 0
    capital_paise: int = 0
    margin_refusal: str = ""

    @property
    def as_whole(self) -> "OrderContext":
        """The same of an order that reaches the exchange in slices: the freeze quantity bounds those, not it."""
        return structs.replace(self, instrument=replace(self.instrument, freeze_quantity=None))

    @property
    def pending_quantity(self) -> int:
        """What the order may still trade."""
        return self.intent.quantity - self.filled_quantity

    @property
    def waits_for_session(self) -> bool:
        """Whether the order is for the next session, so that this moment's session and price do not judge it."""
        return self.intent.after_market and self.action is not OrderAction.RELEASE

    @property
    def quantity_at_worst(self) -> int:
        """The signed position once this order and all other live ones of its side have filled."""
        return self.position_after + self.intent.side.sign * self.claimed_quantity

    @property
    def is_funded(self) -> bool:
        """Whether the ledger can set aside what the order needs. What needs nothing passes even in debt, and so
        does a modification that asks for no more than before."""
        grows = self.action is not OrderAction.MODIFY or self.hold_needed_paise > self.hold_before_paise
        return not self.hold_needed_paise or not grows or self.hold_needed_paise <= self.funds_available_paise

    @property
    def reduces_position(self) -> bool:
        """Whether the order only takes down an open position, even if all other live orders fill first."""
        free = max(abs(self.position_quantity) - self.claimed_quantity, 0)
        return self.position_quantity * self.intent.side.sign < 0 and 0 < self.pending_quantity <= free


class GateDecision(Struct, frozen=True):
    """One verdict. `limit` and `used` are for people (decimal strings); empty where they make no sense."""

    gate: str
    allowed: bool
    code: str
    message: str
    limit: str = ""
    used: str = ""


class StoredOrder(Protocol):
    """What a gate needs of an order row to attach its decisions to it, and to say whether it may still be sent."""

    id: UUID
    organisation_id: UUID
    account_id: UUID
    instrument_id: int
    side: str
    product: str
    strategy: str
    origin: str
    quantity: int
    filled_quantity: int
    worst_price: Decimal | None


@dataclass(frozen=True, slots=True)
class Coming:
    """Orders that are about to be asked about in one transaction: whose, where, and of which strategies."""

    organisation_id: UUID
    account_id: UUID
    user_id: UUID
    owner_id: UUID
    strategies: frozenset[str]


class PreTradeGate(Protocol):
    """A gate is built once per process, without arguments, and holds no state of an order."""

    def questions(self, *, organisation_id: UUID, account_id: UUID, strategy: str) -> Sequence[Any]:
        """What `check` will ask the database about any order (`core.db.prepared.Question`), so that it can be asked
        together with the account's lock, behind it."""
        ...

    def enter(self, coming: Coming) -> None:
        """Take the locks that `check` will need, before the transaction locks any market: whoever locks a market
        first and asks a gate then would wait for an order that does it the other way round."""
        ...

    def check(self, context: OrderContext) -> list[GateDecision]:
        """Every decision, allowed or not. Runs inside the order's transaction, under the account's lock;
        an exception refuses the order (code `gate_failed`)."""
        ...

    def record(self, order: StoredOrder, decisions: Sequence[GateDecision]) -> None:
        """Store this gate's own decisions with the order, in its transaction. Not called for a preview."""
        ...

    def may_send(self, order: StoredOrder) -> GateDecision:
        """The last word, right before an accepted order is sent: has trading been stopped since? Read from rows,
        never from a cache; an exception refuses. Cancellations are never asked about."""
        ...

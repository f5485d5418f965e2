"""Margin blocks: what an account has blocked for its futures and options, kept in step with its positions.

A block moves inside the transaction of the fill that changed the positions, or, when prices or days have moved
them, in a ledger transaction of its own (`SourceType.MARGIN`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from core.db import writes
from core.ids import new_id
from trading.portfolio.domain.ledger import SourceType, block_postings
from trading.portfolio.domain.position import PositionState
from trading.portfolio.domain.span import NO_REQUIREMENT, Requirement
from trading.portfolio.domain.span.book import HeldContract
from trading.portfolio.models import LedgerTransaction, MarginBlock, Position, TradingAccount
from trading.portfolio.selectors.margin_book import held_contracts, margin_book
from trading.portfolio.services.posting import ledger_post

_PRICE_STEP = Decimal("0.0001")
_WRITTEN = [
    "amount_paise",
    "span_paise",
    "exposure_paise",
    "calendar_paise",
    "scan_paise",
    "net_option_value_paise",
    "withheld_paise",
    "benefit_paise",
    "underlying_price",
    "is_estimate",
    "marked_at",
]


@dataclass(frozen=True, slots=True)
class BlockChange:
    """A block as it will be, and by how many paise that is more than it was."""

    block: MarginBlock
    change_paise: int
    is_open: bool

    def store(self) -> None:
        """Write the block; none is kept where no contract is open. The ledger is posted by the caller."""
        if self.block._state.adding:
            if self.is_open:
                writes.insert(self.block)
        elif self.is_open:
            writes.update(self.block, _WRITTEN)
        else:
            writes.run("DELETE FROM portfolio_marginblock WHERE id = %s", [self.block.id])


def block_change(account: TradingAccount, position: Position, after: PositionState, *, at: datetime) -> BlockChange:
    """The block of a position's underlying once the position stands at `after`.

    The caller holds the account lock, posts the change and stores both.
    """
    instrument = position.instrument
    changed = HeldContract(instrument, position.product, position.strategy, after.quantity, after.open_value_paise)
    others = [each for each in held_contracts(account.id, instrument.underlying) if each.name != changed.name]
    held = [*others, changed] if changed.quantity else others
    return _change(account, instrument.underlying, held, at)


def margin_reblock(
    *, account: TradingAccount, underlying: str, at: datetime, source_id: UUID | None = None, least_paise: int = 1
) -> int:
    """Bring a block in step with the positions and prices of now; returns by how many paise it grew.

    The caller holds the account lock, inside a transaction. A `source_id` names the occasion (a position event, a
    minute of the clock), which can be posted once only; a change below `least_paise` is left for later, unless the
    positions are gone.
    """
    if source_id is not None and _is_posted(source_id):
        return 0
    change = _change(account, underlying, held_contracts(account.id, underlying), at)
    if change.is_open and abs(change.change_paise) < least_paise and not change.block._state.adding:
        return 0
    if change.change_paise:
        ledger_post(
            account=account,
            source_type=SourceType.MARGIN,
            source_id=source_id or new_id(),
            postings=block_postings(change.change_paise),
            at=at,
            description=f"Margin of {underlying}",
        )
    change.store()
    return change.change_paise


def _is_posted(source_id: UUID) -> bool:
    return LedgerTransaction.objects.filter(source_type=SourceType.MARGIN, source_id=source_id).exists()


def _change(account: TradingAccount, underlying: str, held: Sequence[HeldContract], at: datetime) -> BlockChange:
    block = MarginBlock.objects.filter(account_id=account.id, underlying=underlying).first()
    if block is None:
        block = MarginBlock(organisation_id=account.organisation_id, account=account, underlying=underlying)
    before = block.amount_paise
    if held:
        _mark(block, held, at)
    else:
        _fill_in(block, NO_REQUIREMENT, at)
    return BlockChange(block, block.amount_paise - before, is_open=bool(held))


def _mark(block: MarginBlock, held: Sequence[HeldContract], at: datetime) -> None:
    """Compute a block; without a price of the underlying from its last one, else from the strikes.

    A fill has happened whether or not a price is known, so its block is estimated rather than left out.
    """
    instruments = [each.instrument for each in held]
    book = margin_book(instruments, at=at)
    block.is_estimate = book.arrays is None
    if block.is_estimate:
        book = margin_book(instruments, at=at, last_resort=_stand_in(block, held))
    _fill_in(block, book.require(held, compare=True), at)
    if book.price is not None:
        block.underlying_price = Decimal(repr(book.price)).quantize(_PRICE_STEP)


def _fill_in(block: MarginBlock, needed: Requirement, at: datetime) -> None:
    block.amount_paise = needed.total_paise
    block.span_paise = needed.span_paise
    block.exposure_paise = needed.exposure_paise
    block.calendar_paise = needed.calendar_paise
    block.scan_paise = needed.scan_paise
    block.net_option_value_paise = needed.net_option_value_paise
    block.withheld_paise = needed.withheld_paise
    block.benefit_paise = needed.benefit_paise
    block.marked_at = at


def _stand_in(block: MarginBlock, held: Iterable[HeldContract]) -> float:
    if block.underlying_price:
        return float(block.underlying_price)
    strikes = [float(each.instrument.strike) for each in held if each.instrument.strike]
    if strikes:
        return max(strikes)
    return max(each.open_value_paise / abs(each.quantity) / 100 for each in held)

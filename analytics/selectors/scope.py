"""Which part of which accounts is looked at."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.domain.actor import Actor
from analytics.domain.book import PositionKey
from core.errors import InvalidInput, NotFound
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import accounts_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Accounts that the reader may see, and what of them: empty texts and None mean all.

    `first` and `last` are Indian dates, both included. `tag` is that of the order that opened a trade.
    """

    accounts: tuple[TradingAccount, ...]
    strategy: str | None = None
    symbol: str = ""
    product: str = ""
    tag: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def account_ids(self) -> list[UUID]:
        return [account.id for account in self.accounts]

    @property
    def is_whole(self) -> bool:
        """Whether nothing but the span narrows it."""
        return self.strategy is None and not (self.symbol or self.product or self.tag)

    def holds(self, position: PositionKey, key: str) -> bool:
        """Whether a position belongs to it; `key` is its instrument's."""
        return (
            (self.strategy is None or position.strategy == self.strategy)
            and (not self.symbol or key == self.symbol)
            and (not self.product or position.product == self.product)
        )


def scope_for(
    actor: Actor,
    *,
    account_id: UUID | None = None,
    strategy: str | None = None,
    symbol: str = "",
    product: str = "",
    tag: str = "",
    first: date | None = None,
    last: date | None = None,
) -> Scope:
    """The scope of what was asked for, of the accounts that the actor may see.

    Raises NotFound (`unknown_account`) for another's account and InvalidInput (`span_backwards`) for a span that
    ends before it begins.
    """
    accounts = accounts_for(actor)
    if account_id is not None:
        accounts = accounts.filter(id=account_id)
    found = tuple(accounts)
    if account_id is not None and not found:
        raise NotFound("There is no such account.", code="unknown_account")
    if first and last and last < first:
        raise InvalidInput(
            "The span ends before it begins.", code="span_backwards", errors={"to": ["Before the beginning."]}
        )
    return Scope(accounts=found, strategy=strategy, symbol=symbol, product=product, tag=tag, first=first, last=last)

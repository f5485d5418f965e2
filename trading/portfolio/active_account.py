"""Which trading account the pages of a browser session are about."""

from uuid import UUID

from django.http import HttpRequest

from accounts.domain.actor import Actor
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import account_get, accounts_for

SESSION_KEY = "trading_account"


def visible_accounts(request: HttpRequest, actor: Actor) -> list[TradingAccount]:
    """The accounts the actor may see, read once a request."""
    known: list[TradingAccount] | None = getattr(request, "_visible_accounts", None)
    if known is None:
        known = list(accounts_for(actor))
        request._visible_accounts = known  # type: ignore[attr-defined]
    return known


def active_account(request: HttpRequest, actor: Actor) -> TradingAccount | None:
    """The account chosen in this session, else the actor's own first one, else the first they may see."""
    accounts = visible_accounts(request, actor)
    chosen = request.session.get(SESSION_KEY)
    return next(
        (account for account in accounts if str(account.id) == chosen),
        next((account for account in accounts if account.owner_id == actor.user_id), next(iter(accounts), None)),
    )


def account_choose(request: HttpRequest, actor: Actor, account_id: UUID) -> TradingAccount:
    """Make an account the session's; raises NotFound for one the actor may not see."""
    account = account_get(actor, account_id)
    request.session[SESSION_KEY] = str(account.id)
    return account

"""Whether the way to an account's broker is open, and in which epoch."""

from trading.brokers.registry import NoRoute, broker_for
from trading.orders.models import AccountRoute, RouterEpoch
from trading.portfolio.models import TradingAccount

RECONCILING = ("reconciling", "The account is being compared with its broker; orders wait until that is done.")


def route_refusal(account: TradingAccount) -> tuple[str, str] | None:
    """The code and message of what keeps orders from the account's broker now; None when nothing does.

    A paper account costs no query. A live one needs an adapter, and a reconciliation in the present epoch.
    """
    if account.is_paper:
        return None
    try:
        broker_for(account)
    except NoRoute as error:
        return ("no_route", str(error))
    route = AccountRoute.objects.filter(account_id=account.id, is_reconciled=True, epoch=epoch_now()).exists()
    return None if route else RECONCILING


def epoch_now() -> int:
    """The number of the router's present epoch; 0 before a router ever ran."""
    found: int | None = RouterEpoch.objects.order_by("-number").values_list("number", flat=True).first()
    return found or 0

"""Shared watchlists, so that a demo desk has something to look at from the first minute."""

from accounts.domain.actor import user_actor
from accounts.domain.permissions import Role
from accounts.models import Membership
from core.tenancy import system_scope, tenant_scope
from trading.alerts.models import Watchlist
from trading.alerts.services import watchlist_create, watchlist_items_add
from trading.instruments.models import Instrument, InstrumentType

_LISTS = {
    "Core": [
        "NIFTY",
        "BANKNIFTY",
        "RELIANCE",
        "TCS",
        "INFY",
        "HDFCBANK",
        "ICICIBANK",
        "SBIN",
        "ITC",
        "LT",
        "TATASTEEL",
        "M&M",
        "BAJAJ-AUTO",
        "GOLDBEES",
    ],
    "Banks": ["HDFCBANK", "ICICIBANK", "AXISBANK", "SBIN", "KOTAKBANK"],
}
_OPTIONS_SHOWN = 12


def watchlists_seed() -> None:
    """Give each organisation's owner their shared lists, once, of what the market has to offer."""
    with system_scope():
        owners = list(Membership.objects.filter(role=Role.OWNER).select_related("user"))
        lists = _lists()
    for owner in owners:
        with tenant_scope(owner.organisation_id):
            if Watchlist.objects.filter(owner_id=owner.user_id).exists():
                continue
            actor = user_actor(
                user_id=owner.user_id,
                organisation_id=owner.organisation_id,
                role=Role.OWNER,
                label=owner.user.email,
            )
            for name, keys in lists.items():
                watchlist = watchlist_create(actor=actor, name=name, is_shared=True)
                watchlist_items_add(actor=actor, watchlist_id=watchlist.pk, keys=keys)


def _lists() -> dict[str, list[str]]:
    """Names to keys; a list of which nothing is traded here is left out."""
    traded = set(Instrument.objects.filter(is_active=True).values_list("key", flat=True))
    lists = {
        name: [key for key in (f"NSE:{symbol}" for symbol in symbols) if key in traded]
        for name, symbols in _LISTS.items()
    }
    options = Instrument.objects.filter(instrument_type__in=[InstrumentType.CALL, InstrumentType.PUT])
    chain = list(options.order_by("expiry", "strike", "key").values_list("key", flat=True))
    # Around the middle of the chain, where the market is.
    first = max(len(chain) // 2 - _OPTIONS_SHOWN // 2, 0)
    lists["Options"] = chain[first : first + _OPTIONS_SHOWN]
    return {name: keys for name, keys in lists.items() if keys}

"""Which adapter speaks for a trading account. A paper account has none: there is no way from it to a broker."""

from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from .adapters.generic import GenericBroker
from .domain.port import LiveBroker

SIMULATOR = "SIMULATOR"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class BrokerAccount(Protocol):
    """What an adapter needs to know of a trading account."""

    @property
    def id(self) -> UUID: ...
    @property
    def broker(self) -> str: ...
    @property
    def is_paper(self) -> bool: ...


class NoRoute(Exception):
    """There is no way to this account's broker."""


def broker_for(account: BrokerAccount) -> LiveBroker:
    """The adapter bound to a live account. Raises `NoRoute`, for a paper account always."""
    if account.is_paper or account.broker != SIMULATOR:
        raise NoRoute("There is no way to this account's broker.")
    url = settings.BROKER_SIMULATOR_URL
    if not url:
        raise NoRoute("No broker simulator is configured.")
    if urlsplit(url).hostname not in LOOPBACK and not settings.BROKER_SIMULATOR_REMOTE:
        raise NoRoute("The broker simulator is on another machine, which is not allowed.")
    return GenericBroker(url, account.id.hex)

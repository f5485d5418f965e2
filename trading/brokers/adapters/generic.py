"""A broker that speaks the generic dialect (docs/brokers/generic.md); the simulator does."""

import http.client
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from django.conf import settings

from trading.brokers.domain.book import BookEntry, BrokerPosition, BrokerTrade
from trading.brokers.domain.messages import Acknowledged, BrokerOrder, BrokerReport, Cancelled, Refused
from trading.brokers.domain.port import InstructionRefused, NotSent, OutcomeUnknown, ReadFailed

from . import generic_wire as wire

PAGE_SIZE = 200
READ_ATTEMPTS = 4
BACKOFF_SECONDS = 0.2
MAX_BODY = 8 * 1024 * 1024


class GenericBroker:
    """One account at one address. Holds no connection: a router talks to a broker seldom, and a pooled
    connection that the other side has closed would make a harmless send ambiguous."""

    name = "GENERIC"

    def __init__(self, url: str, account: str, *, chance: random.Random | None = None) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._connection: type[http.client.HTTPConnection] = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._base = f"{parts.path.rstrip('/')}/accounts/{account}"
        self._timeout = settings.BROKER_CALL_TIMEOUT.total_seconds()
        self._chance = chance or random.SystemRandom()

    def place(self, order: BrokerOrder, *, send_by: float) -> Sequence[BrokerReport]:
        answer = self._instruct("POST", "/orders", wire.order_body(order), send_by)
        return [_placed(answer)]

    def modify(self, broker_order_id: str, order: BrokerOrder, *, send_by: float) -> Sequence[BrokerReport]:
        self._taken(self._instruct("PUT", f"/orders/{broker_order_id}", wire.terms_body(order), send_by))
        return []

    def cancel(self, broker_order_id: str, *, send_by: float) -> Sequence[BrokerReport]:
        answer = self._taken(self._instruct("DELETE", f"/orders/{broker_order_id}", None, send_by))
        at = answer.at
        return [Cancelled("cancelled", at)] if answer.order_status == "CANCELLED" and at else []

    def order_book(self) -> Sequence[BookEntry]:
        return self._pages("orders", wire.BookPage, wire.book_entry)

    def trades(self) -> Sequence[BrokerTrade]:
        return self._pages("trades", wire.TradePage, wire.trade)

    def positions(self) -> Sequence[BrokerPosition]:
        return self._pages("positions", wire.PositionPage, wire.position)

    # --- order calls: one attempt, and only what is on the list is final --------------------------------------

    def _instruct(self, method: str, path: str, body: Mapping[str, Any] | None, send_by: float) -> wire.Answer:
        connection = self._open(send_by)
        try:
            status, raw = self._exchange(connection, method, path, body)
        except (OSError, http.client.HTTPException) as error:
            raise OutcomeUnknown(f"{type(error).__name__} during {method} {path}") from error
        finally:
            connection.close()
        answer = wire.final_answer(status, raw)
        if answer is None:
            raise OutcomeUnknown(f"HTTP {status} to {method} {path} is not known to be final")
        return answer

    def _open(self, send_by: float) -> http.client.HTTPConnection:
        """Connect, and look at the clock last: from here on bytes may leave."""
        connection = self._connection(self._host, self._port, timeout=self._timeout)
        try:
            connection.connect()
        except OSError as error:
            raise NotSent(f"The broker cannot be reached ({type(error).__name__}).") from error
        if time.monotonic() > send_by:
            connection.close()
            raise NotSent("The moment to send had passed.")
        return connection

    def _taken(self, answer: wire.Answer) -> wire.Answer:
        if answer.status == "refused":
            raise InstructionRefused(answer.code, answer.message)
        return answer

    # --- reads: repeated with full jitter until the deadline, complete or nothing -----------------------------

    def _pages(self, name: str, page_type: type[Any], convert: Callable[[Any], Any]) -> Sequence[Any]:
        deadline = time.monotonic() + 2 * self._timeout
        found: list[Any] = []
        page = 1
        while True:
            part = self._read(name, page, page_type, deadline)
            if part.page != page or (page == 1 and part.pages < 1):
                raise ReadFailed(f"{name}: asked for page {page}, got {part.page} of {part.pages}")
            found += part.items
            if page >= part.pages:
                break
            page += 1
        if len(found) != part.total:
            raise ReadFailed(f"{name}: {len(found)} rows of {part.total}")
        try:
            return [convert(item) for item in found]
        except ValueError as error:
            raise ReadFailed(f"{name}: {error}") from error

    def _read(self, name: str, page: int, page_type: type[Any], deadline: float) -> Any:
        query = urlencode({"page": page, "size": PAGE_SIZE})
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                return self._read_once(f"/{name}?{query}", page_type, deadline)
            except ReadFailed:
                pause = self._chance.uniform(0, BACKOFF_SECONDS * 2**attempt)
                if attempt == READ_ATTEMPTS or time.monotonic() + pause > deadline:
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _read_once(self, path: str, page_type: type[Any], deadline: float) -> Any:
        timeout = min(self._timeout, deadline - time.monotonic())
        if timeout <= 0:
            raise ReadFailed(f"{path}: out of time")
        connection = self._connection(self._host, self._port, timeout=timeout)
        try:
            status, raw = self._exchange(connection, "GET", path, None)
        except (OSError, http.client.HTTPException) as error:
            raise ReadFailed(f"{path}: {type(error).__name__}") from error
        finally:
            connection.close()
        if status != 200:
            raise ReadFailed(f"{path}: HTTP {status}")
        try:
            return msgspec.json.decode(raw, type=page_type)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ReadFailed(f"{path}: {error}") from error

    def _exchange(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: Mapping[str, Any] | None
    ) -> tuple[int, bytes]:
        raw = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        connection.request(method, self._base + path, body=raw, headers=headers)
        answer = connection.getresponse()
        content = answer.read(MAX_BODY + 1)
        if len(content) > MAX_BODY:
            raise http.client.HTTPException("body too large")
        return answer.status, content


def _placed(answer: wire.Answer) -> BrokerReport:
    if answer.status == "refused" or answer.at is None:
        return Refused(answer.code, answer.message, answer.when)
    return Acknowledged(answer.order_id, answer.at)

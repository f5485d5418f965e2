"""The simulator on the wire: the generic dialect for accounts, and `/control/…` for whoever directs the play."""

import json
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from trading.brokers.domain.book import BookStatus

from .book import Book, BookOrder, Refusal
from .faults import Fault, FaultKind, Faults

NOT_DONE = {
    FaultKind.ERROR_401: (401, {"status": "error", "code": "session_expired"}),
    FaultKind.ERROR_429: (429, {"status": "error", "code": "too_many_requests"}),
    FaultKind.ERROR_500: (500, {"status": "error", "code": "internal"}),
    FaultKind.TIMED_OUT: (400, {"status": "refused", "code": "timed_out", "message": "Request timed out"}),
}
DONE = {
    FaultKind.ERROR_500_DONE: (500, {"status": "error", "code": "internal"}),
    FaultKind.REFUSED_DONE: (400, {"status": "refused", "code": "oms_error", "message": "Order not placed"}),
    FaultKind.TIMED_OUT_DONE: (400, {"status": "refused", "code": "timed_out", "message": "Request timed out"}),
}
GARBAGE = b"<html>Bad gateway"


class SimulatorServer(ThreadingHTTPServer):
    """Serves one book on `port` of this machine (0 takes a free one)."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, book: Book, faults: Faults, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.book = book
        self.faults = faults
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what the simulator is for."""


class _Lost(Exception):
    """The connection ends without an answer."""


class _Handler(BaseHTTPRequestHandler):
    server: SimulatorServer

    def do_GET(self) -> None:
        self._serve(self._read)

    def do_POST(self) -> None:
        self._serve(self._control if self.path.startswith("/control/") else self._place)

    def do_PUT(self) -> None:
        self._serve(self._modify)

    def do_DELETE(self) -> None:
        self._serve(self._control if self.path.startswith("/control/") else self._cancel)

    def log_message(self, format: str, *args: Any) -> None:
        """The journal is the log."""

    def _serve(self, work: Callable[[], tuple[int, Any]]) -> None:
        try:
            status, answer = work()
        except _Lost:
            self.close_connection = True
            return
        except Refusal as refusal:
            status, answer = 400, {"status": "refused", "code": refusal.code, "message": str(refusal)}
        except (KeyError, ValueError, ArithmeticError) as error:
            status, answer = 422, {"status": "error", "code": "bad_request", "message": repr(error)}
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _body(self) -> dict[str, Any]:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw or b"{}")
        if not isinstance(body, dict):
            raise ValueError("an object was expected")
        return body

    def _path(self) -> list[str]:
        return urlsplit(self.path).path.strip("/").split("/")

    # --- order calls ----------------------------------------------------------------------------------------------

    def _place(self) -> tuple[int, Any]:
        body, account = self._body(), self._path()[1]
        return self._instruct("place", lambda hidden: self.server.book.place(account, body, hidden=hidden))

    def _modify(self) -> tuple[int, Any]:
        body, path = self._body(), self._path()
        return self._instruct("modify", lambda _: self.server.book.modify(path[1], path[3], body))

    def _cancel(self) -> tuple[int, Any]:
        path = self._path()
        return self._instruct("cancel", lambda _: self.server.book.cancel(path[1], path[3]))

    def _instruct(self, name: str, work: Callable[[float], BookOrder]) -> tuple[int, Any]:
        fault = self._fault(name)
        kind = fault.kind if fault else None
        seconds = fault.seconds if fault else 0.0
        if kind is FaultKind.LATE:
            time.sleep(seconds)
        if kind is FaultKind.LOST_BEFORE:
            raise _Lost
        if kind in NOT_DONE:
            return NOT_DONE[kind]
        with self.server.lock:
            order = work(seconds if kind is FaultKind.HIDDEN else 0.0)
            row = order.row()
        if kind is FaultKind.LATE_ANSWER:
            time.sleep(seconds)
        if kind is FaultKind.LOST_AFTER:
            raise _Lost
        if kind is FaultKind.GARBAGE:
            return 200, GARBAGE
        if kind in DONE:
            return DONE[kind]
        # An order can trade before it is acknowledged, so the answer says no more than that it was taken.
        order_status = row["status"] if name == "cancel" else ""
        return 200, {
            "status": "taken",
            "order_id": row["order_id"],
            "order_status": order_status,
            "at": row["updated_at"],
        }

    # --- reads ------------------------------------------------------------------------------------------------

    def _read(self) -> tuple[int, Any]:
        path, query = self._path(), parse_qs(urlsplit(self.path).query)
        if path[0] == "control":
            return self._show(path[1])
        account, name = path[1], path[2]
        fault = self._fault(name)
        kind = fault.kind if fault else None
        if fault and kind is FaultKind.LATE:
            time.sleep(fault.seconds)
        if kind is FaultKind.LOST_BEFORE:
            raise _Lost
        if kind in NOT_DONE:
            return NOT_DONE[kind]
        if kind is FaultKind.GARBAGE:
            return 200, GARBAGE
        if name == "events":
            return self._pushes(account, int(query.get("after", ["0"])[0]), kind)
        with self.server.lock:
            rows = {
                "orders": self.server.book.orders,
                "trades": self.server.book.trades,
                "positions": self.server.book.positions,
            }[name](account)
        return 200, _page(rows, query, kind)

    def _pushes(self, account: str, after: int, kind: FaultKind | None) -> tuple[int, Any]:
        with self.server.lock:
            pushes = self.server.book.pushes(account, after)
        cursor = after + len(pushes)
        if kind is FaultKind.DUPLICATE:
            pushes = [push for push in pushes for _ in range(2)]
        elif kind is FaultKind.DROP:
            pushes = pushes[1::2]
        elif kind is FaultKind.REORDER:
            pushes = pushes[::-1]
        return 200, {"cursor": cursor, "items": pushes}

    def _fault(self, name: str) -> Fault | None:
        with self.server.lock:
            return self.server.faults.next(name)

    # --- the director's door --------------------------------------------------------------------------------------

    def _show(self, what: str) -> tuple[int, Any]:
        with self.server.lock:
            return 200, {"journal": self.server.book.journal()} if what == "journal" else {"status": "ok"}

    def _control(self) -> tuple[int, Any]:
        body, book = self._body(), self.server.book
        with self.server.lock:
            match (self.command, self._path()[1]):
                case ("POST", "price"):
                    return 200, {"filled": book.price(body["symbol"], Decimal(body["price"]))}
                case ("POST", "order"):
                    return 200, book.place(body["account"], body, manual=True).row()
                case ("POST", "fill"):
                    book.fill(body["order_id"], int(body["quantity"]), Decimal(body["price"]))
                case ("POST", "modify"):
                    book.modify(body["account"], body["order_id"], body)
                case ("POST", "cancel"):
                    book.cancel(body["account"], body["order_id"])
                case ("POST", "end"):
                    book.end(body["order_id"], BookStatus(body["status"]), body.get("message", ""))
                case ("POST", "refuse"):
                    book.refuse(body["account"], body["code"])
                case ("POST", "shift"):
                    book.shift(body["account"], body["symbol"], body["product"], int(body["quantity"]))
                case ("POST", "faults"):
                    self.server.faults.order(
                        Fault(body["on"], FaultKind(body["kind"]), body.get("times", 1), body.get("seconds", 1.0))
                    )
                case ("POST", "weather"):
                    self.server.faults.at_random(float(body["rate"]), float(body.get("seconds", 1.0)))
                case ("DELETE", "faults"):
                    self.server.faults.clear()
                case _:
                    return 404, {"status": "error", "code": "unknown_control"}
        return 200, {"status": "ok"}


def _page(rows: list[dict[str, Any]], query: dict[str, list[str]], kind: FaultKind | None) -> dict[str, Any]:
    if kind is FaultKind.EMPTY:
        rows = []
    page, size = int(query.get("page", ["1"])[0]), int(query.get("size", ["100"])[0])
    items = rows[(page - 1) * size : page * size]
    total = len(rows)
    if kind is FaultKind.SHORT:
        items = items[:-1]
    return {"page": page, "pages": max(1, -(-total // size)), "total": total, "items": items}

"""The eight invariants of a run, over plain data: no database, no clock, no luck."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from .history import History, Row

UNSETTLED = frozenset({"PENDING_ROUTE", "ROUTING", "UNKNOWN"})
FINAL = frozenset({"FILLED", "CANCELLED", "REJECTED", "EXPIRED"})


def violations(history: History) -> list[str]:
    """Everything that is broken, each line beginning with its invariant; empty when all hold."""
    return [line for check in CHECKS for line in check(history)]


def acknowledged_is_there(history: History) -> Iterator[str]:
    """I1: what was acknowledged is exactly one order, the one that was told."""
    rows = _by(history.orders, "client_order_id")
    for name, ids in history.answers.items():
        found = rows.get(name, [])
        if len(found) != 1:
            yield f"I1 {name}: acknowledged, but there are {len(found)} orders"
        elif found[0]["id"] != _hex(ids[0]):
            yield f"I1 {name}: acknowledged as {ids[0]}, stored as {found[0]['id']}"


def sent_once(history: History) -> Iterator[str]:
    """I2: a tag is placed at most once, and exactly once unless the order ended as not placed."""
    placed = Counter(event["tag"] for event in _placements(history) if event["tag"])
    adopted = {row["broker_order_id"] for row in history.orders if row["foreign"]}
    for row in history.orders:
        if row["foreign"]:
            continue
        count = placed.pop(row["id"], 0)
        late = any(event["order_id"] in adopted for event in _placements(history) if event["tag"] == row["id"])
        not_placed = (
            row["status"] in FINAL and row["filled"] == 0 and (row["status"] == "REJECTED" or not row["sent"])
        )
        if count > 1:
            yield f"I2 {row['id']}: placed {count} times"
        elif count == 0 and not not_placed and row["status"] not in UNSETTLED:
            yield f"I2 {row['id']}: {row['status']}, but never placed"
        elif count == 1 and row["status"] == "REJECTED" and not row["broker_order_id"] and not late:
            yield f"I2 {row['id']}: given up, but placed, and nobody looks after it"
    for tag in placed:
        yield f"I2 {tag}: placed with the tag of no order"


def intended_at_most_once(history: History) -> Iterator[str]:
    """I3: an intent became no or one order, every answer to it told the same one, and nothing else was made."""
    rows = _by([row for row in history.orders if not row["foreign"]], "client_order_id")
    for name in history.intents:
        if len(rows.get(name, [])) > 1:
            yield f"I3 {name}: {len(rows[name])} orders"
        told = set(history.answers.get(name, ()))
        if len(told) > 1:
            yield f"I3 {name}: answered with {sorted(told)}"
    for name in rows.keys() - set(history.intents):
        yield f"I3 {name}: an order that nobody asked for"


def known_to_both(history: History) -> Iterator[str]:
    """I4: each order at the broker is exactly one row here, in the same state."""
    rows = _by([row for row in history.orders if row["broker_order_id"]], "broker_order_id")
    for order_id, state in _broker_states(history).items():
        found = rows.pop(order_id, [])
        if len(found) != 1:
            yield f"I4 {order_id}: {len(found)} rows"
        elif state in FINAL and found[0]["status"] != state:
            yield f"I4 {order_id}: {state} there, {found[0]['status']} here"
    for order_id in rows:
        yield f"I4 {order_id}: a row, but no order at the broker"


def filled_alike(history: History) -> Iterator[str]:
    """I5: the same trades on both sides, each posted once."""
    there = {
        (event["trade_id"], event["order_id"], event["quantity"], f"{float(event['price']):.4f}")
        for event in history.broker
        if event["event"] == "fill"
    }
    here = Counter(
        (fill["trade_id"], fill["broker_order_id"], fill["quantity"], fill["price"]) for fill in history.fills
    )
    for trade in sorted(there - here.keys()):
        yield f"I5 {trade}: not here"
    for trade in sorted(here.keys() - there):
        yield f"I5 {trade}: not at the broker"
    for trade, count in here.items():
        if count > 1:
            yield f"I5 {trade}: stored {count} times"
    for fill in history.fills:
        if history.postings.get(fill["id"], 0) != 1:
            yield f"I5 {fill['trade_id']}: posted {history.postings.get(fill['id'], 0)} times"
    for fill_id in history.postings.keys() - {fill["id"] for fill in history.fills}:
        yield f"I5 {fill_id}: posted without a fill"


def balanced(history: History) -> Iterator[str]:
    """I6: the books balance, what has ended holds nothing, positions are the broker's trades added up."""
    for finding in history.findings:
        yield f"I6 {finding}"
    for row in history.orders:
        if row["status"] in FINAL and row["hold"]:
            yield f"I6 {row['id']}: {row['status']}, and still holds {row['hold']}"
    there = _broker_positions(history)
    for name in sorted(there.keys() | history.positions.keys()):
        if there.get(name, 0) != history.positions.get(name, 0):
            yield f"I6 {name}: {there.get(name, 0)} by the broker's trades, {history.positions.get(name, 0)} here"


def settled(history: History) -> Iterator[str]:
    """I7: nothing is on its way or unknown any more."""
    for row in history.orders:
        if row["status"] in UNSETTLED:
            yield f"I7 {row['id']}: still {row['status']}"


def audited(history: History) -> Iterator[str]:
    """I8: the audit chain is whole."""
    if history.audit is not None:
        yield f"I8 {history.audit}"


CHECKS: tuple[Callable[[History], Iterator[str]], ...] = (
    acknowledged_is_there,
    sent_once,
    intended_at_most_once,
    known_to_both,
    filled_alike,
    balanced,
    settled,
    audited,
)


def _placements(history: History) -> list[Row]:
    return [event for event in history.broker if event["event"] == "order"]


def _broker_states(history: History) -> dict[str, str]:
    """Where each order stands at the broker, replayed from its journal."""
    quantity: dict[str, int] = {}
    filled: dict[str, int] = defaultdict(int)
    states: dict[str, str] = {}
    for event in history.broker:
        if event["event"] == "shift":
            continue
        order_id = event["order_id"]
        if event["event"] in ("order", "terms"):
            quantity[order_id] = event["terms"]["quantity"]
            states.setdefault(order_id, "OPEN")
        elif event["event"] == "status":
            states[order_id] = event["status"]
        elif event["event"] == "fill":
            filled[order_id] += event["quantity"]
        if filled[order_id] == quantity[order_id]:
            states[order_id] = "FILLED"
    return states


def _broker_positions(history: History) -> dict[str, int]:
    orders = {event["order_id"]: event for event in _placements(history)}
    held: dict[str, int] = defaultdict(int)
    for event in history.broker:
        if event["event"] == "fill":
            order = orders[event["order_id"]]
            sign = 1 if order["side"] == "BUY" else -1
            held[f"{order['symbol']} {order['product']}"] += sign * event["quantity"]
    return held


def _by(rows: list[Row] | tuple[Row, ...], name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return found


def _hex(order_id: str) -> str:
    return order_id.replace("-", "")

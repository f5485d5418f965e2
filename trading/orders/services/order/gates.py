"""Asks the gates named in `PRE_TRADE_GATES`; whatever goes wrong there refuses the order."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string

from accounts.domain.actor import Actor
from core.db.prepared import Question
from trading.orders.domain.admission import NO_GATE, admission_decisions, refusal_of
from trading.orders.domain.gate import Coming, GateDecision, OrderContext, PreTradeGate, StoredOrder
from trading.portfolio.models import TradingAccount

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All decisions, and per gate its own, so that each records what it decided."""

    decisions: tuple[GateDecision, ...]
    by_gate: tuple[tuple[PreTradeGate, tuple[GateDecision, ...]], ...]

    @property
    def refusal(self) -> GateDecision | None:
        """The first decision against the order, None when it may go on."""
        return refusal_of(self.decisions)

    def record(self, order: StoredOrder) -> None:
        """Let each gate store its decisions with the order, inside the order's transaction."""
        for gate, decisions in self.by_gate:
            gate.record(order, decisions)


# For what needs nobody's leave: a modification that only takes an order down.
UNASKED = Verdict((), ())


def verdict_on(context: OrderContext, *, today: date) -> Verdict:
    """Ask admission and every gate. All are asked even after a refusal, so that a trader sees every reason.

    No gate configured refuses (`no_gate`), and so does a gate that raises (`gate_failed`) or that decides
    nothing (`no_verdict`). Only a database error is raised, because the transaction it happened in cannot store
    a refusal any more.
    """
    decisions = list(admission_decisions(context, today=today))
    gates = _gates(tuple(settings.PRE_TRADE_GATES))
    if not gates:
        return Verdict((*decisions, NO_GATE), ())
    by_gate = []
    for name, gate in gates:
        decided = tuple(_ask(name, gate, context))
        by_gate.append((gate, decided))
        decisions.extend(decided)
    return Verdict(tuple(decisions), tuple(by_gate))


def gate_questions(*, organisation_id: UUID, account_id: UUID, strategy: str) -> list[Question[Any]]:
    """What the gates will ask about any new order of the account, to be asked ahead."""
    return [
        question
        for _, gate in _gates(tuple(settings.PRE_TRADE_GATES))
        for question in gate.questions(organisation_id=organisation_id, account_id=account_id, strategy=strategy)
    ]


def gates_enter(*, actor: Actor, account: TradingAccount, strategies: Iterable[str]) -> None:
    """Before a group's first lock on a market, under its account's: let the gates take theirs.

    A gate that fails here refuses when it is asked.
    """
    coming = Coming(
        organisation_id=account.organisation_id,
        account_id=account.id,
        user_id=actor.user_id or account.owner_id,
        owner_id=account.owner_id,
        strategies=frozenset(strategies),
    )
    for name, gate in _gates(tuple(settings.PRE_TRADE_GATES)):
        try:
            gate.enter(coming)
        except DatabaseError:
            raise
        except Exception:
            # Its check goes wrong for the same reason, and refuses.
            logger.exception("pre-trade gate failed before a group", extra={"gate": name})


def send_refusal(order: StoredOrder) -> GateDecision | None:
    """Why an accepted order must not be sent any more, None when it may. For the router, right before each send.

    Fails closed like `verdict_on`: no gate, or a gate that raises, refuses.
    """
    gates = _gates(tuple(settings.PRE_TRADE_GATES))
    if not gates:
        return NO_GATE
    return refusal_of([_ask_to_send(name, gate, order) for name, gate in gates])


def _ask_to_send(name: str, gate: PreTradeGate, order: StoredOrder) -> GateDecision:
    try:
        return gate.may_send(order)
    except DatabaseError:
        raise
    except Exception:
        # Whatever broke, the order must not be sent.
        logger.exception("pre-trade gate failed before a send", extra={"gate": name, "order": str(order.id)})
        return GateDecision(name, False, "gate_failed", "A pre-trade check could not be made.")


def _ask(name: str, gate: PreTradeGate, context: OrderContext) -> Iterable[GateDecision]:
    try:
        return gate.check(context) or [GateDecision(name, False, "no_verdict", "A pre-trade check said nothing.")]
    except DatabaseError:
        raise
    except Exception:
        # Whatever broke, the order must not pass.
        logger.exception("pre-trade gate failed", extra={"gate": name, "account": str(context.account_id)})
        return [GateDecision(name, False, "gate_failed", "A pre-trade check could not be made.")]


@cache
def _gates(paths: tuple[str, ...]) -> tuple[tuple[str, PreTradeGate], ...]:
    """One gate of each path per process, with the name it is shown by."""
    return tuple((path.rpartition(".")[2], import_string(path)()) for path in paths)

"""What a group of orders would cost together, and what would be said to each leg, without writing anything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core import clock
from core.money import format_inr, from_paise, to_paise
from trading.orders.domain.gate import GateDecision, OrderAction
from trading.orders.domain.group import GroupIntent
from trading.orders.services.groups.legs import LegRefusal, PlannedLeg, legs_plan
from trading.orders.services.groups.place import group_check
from trading.orders.services.order.context import Situation, situation_of
from trading.orders.services.order.gates import verdict_on
from trading.orders.services.order.preview import OrderPreview, impact_of, preview_shape
from trading.portfolio.domain.charges import Charges
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import account_get
from trading.portfolio.selectors.margin import MarginLeg, basket_margin

# What the account can pay is judged over all legs: a hedge makes its partner cheaper.
FUNDS_CODE = "insufficient_funds"


@dataclass(frozen=True, slots=True)
class LegPreview:
    """One leg as it would be placed; a leg that cannot be an order has no preview but a code and a message."""

    number: int
    symbol: str
    side: str
    quantity: int
    slices: int
    preview: OrderPreview | None
    code: str = ""
    message: str = ""

    @property
    def allowed(self) -> bool:
        return self.preview is not None and self.preview.allowed


@dataclass(frozen=True, slots=True)
class GroupPreview:
    """The whole. `margin_paise` is for all legs together, in the order of placing and each as if those before
    it had filled; `alone_paise` the sum of what each would need by itself; `charges` in rupees."""

    legs: tuple[LegPreview, ...]
    margin_paise: int
    alone_paise: int
    charges: Charges
    funds: GateDecision

    @property
    def allowed(self) -> bool:
        return self.funds.allowed and all(leg.allowed for leg in self.legs)

    @property
    def decision(self) -> GateDecision:
        """What is said of the whole: of the funds, else of the first leg that would be refused."""
        refused = next((leg for leg in self.legs if not leg.allowed), None)
        if refused is None or not self.funds.allowed:
            return self.funds
        return GateDecision("legs", False, "leg_refused", f"Leg {refused.number}: {refused.message}")

    @property
    def benefit_paise(self) -> int:
        """What the legs save by being together."""
        return max(self.alone_paise - self.margin_paise, 0)


def group_preview(*, actor: Actor, intent: GroupIntent) -> GroupPreview:
    """Judge every leg as `group_submit` would, and the funds over all of them. Needs PLACE_ORDERS.

    Legs do not see each other except in the margin, so what one leg does to another's limits shows on placing.
    """
    actor.require(Permission.PLACE_ORDERS)
    group_check(intent)
    account = account_get(actor, intent.account_id)
    legs: list[LegPreview] = []
    judged: list[tuple[PlannedLeg, Situation]] = []
    for leg in legs_plan(intent):
        if isinstance(leg, LegRefusal):
            legs.append(_refused(leg))
            continue
        shown, situation = _judged(actor, account, leg)
        legs.append(shown)
        judged.append((leg, situation))
    joint = basket_margin(account_id=account.id, legs=_margin_legs(judged), at=clock.now())
    # What only closes needs no funds: its charges come out of the proceeds.
    charged = _summed(situation.charges for _, situation in judged if situation.need.paise)
    needed = joint.need_paise + to_paise(charged.total)
    return GroupPreview(
        legs=tuple(sorted(legs, key=lambda leg: leg.number)),
        margin_paise=joint.need_paise,
        alone_paise=joint.alone_paise,
        charges=_summed(situation.charges for _, situation in judged),
        funds=_funds(account, needed, joint.refusal),
    )


def group_preview_shape(preview: GroupPreview) -> dict[str, Any]:
    """The preview as the API shows it."""
    return {
        "margin": _rupees(preview.margin_paise),
        "margin_alone": _rupees(preview.alone_paise),
        "margin_benefit": _rupees(preview.benefit_paise),
        "charges": preview.charges.as_strings(),
        "risk": {
            "allowed": preview.allowed,
            "code": preview.decision.code,
            "message": preview.decision.message,
        },
        "legs": [
            {
                "leg": leg.number,
                "symbol": leg.symbol,
                "side": leg.side,
                "quantity": leg.quantity,
                "slices": leg.slices,
                "allowed": leg.allowed,
                "status_reason": {"code": leg.code, "message": leg.message} if leg.code else None,
                "preview": preview_shape(leg.preview) if leg.preview else None,
            }
            for leg in preview.legs
        ],
    }


def _judged(actor: Actor, account: TradingAccount, leg: PlannedLeg) -> tuple[LegPreview, Situation]:
    situation = situation_of(
        actor=actor, account=account, instrument=leg.instrument, intent=leg.whole, action=OrderAction.PREVIEW
    )
    context = situation.context if len(leg.slices) == 1 else situation.context.as_whole
    verdict = verdict_on(context, today=situation.today)
    decisions = tuple(decision for decision in verdict.decisions if decision.code != FUNDS_CODE)
    refusal = next((decision for decision in decisions if not decision.allowed), None)
    preview = OrderPreview(
        margin_paise=situation.margin_paise,
        charges=situation.charges,
        decisions=decisions,
        impact=impact_of(leg.whole, situation.quote, situation.worst_price),
        position_after=context.position_after,
        valid_on=situation.valid_on,
        margin=situation.funding.margin,
    )
    shown = LegPreview(
        leg.number,
        leg.instrument.key,
        leg.whole.side,
        leg.whole.quantity,
        len(leg.slices),
        preview,
        refusal.code if refusal else "",
        refusal.message if refusal else "",
    )
    return shown, situation


def _refused(leg: LegRefusal) -> LegPreview:
    return LegPreview(leg.number, leg.symbol, leg.leg.order.side, leg.quantity, 0, None, leg.code, leg.message)


def _summed(charges: Iterable[Charges]) -> Charges:
    found = list(charges)
    lines = [name for name, _ in Charges().lines()]
    return Charges(**{name: sum((getattr(each, name) for each in found), Decimal(0)) for name in lines})


def _margin_legs(judged: Sequence[tuple[PlannedLeg, Situation]]) -> list[MarginLeg]:
    return [
        MarginLeg(
            instrument=leg.instrument,
            product=leg.whole.product,
            side=leg.whole.side,
            quantity=leg.whole.quantity,
            price=found.context.reference_price,
            strategy=leg.whole.strategy,
        )
        for leg, found in judged
        if found.context.reference_price is not None
    ]


def _funds(account: TradingAccount, needed: int, refusal: str) -> GateDecision:
    available = account.balance.available_paise
    shown = {"limit": _rupees(max(available, 0)), "used": _rupees(needed)}
    free = format_inr(from_paise(available))
    if refusal:
        return GateDecision("funds", False, refusal, "The margin of the whole cannot be worked out.", **shown)
    if needed <= max(available, 0):
        return GateDecision("funds", True, "ok", "The funds suffice for all legs.", **shown)
    return GateDecision(
        "funds",
        False,
        FUNDS_CODE,
        f"The legs need {format_inr(from_paise(needed))} together; {free} is available.",
        **shown,
    )


def _rupees(paise: int) -> str:
    amount: Decimal = from_paise(paise)
    return str(amount)

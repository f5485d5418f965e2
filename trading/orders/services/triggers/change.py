"""One trigger's changes, collected in memory and written together."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from core import streams
from core.db import writes
from core.events import publish_on_commit
from trading.orders.domain.triggers.states import (
    FINAL_TRIGGERS,
    OPEN_LEGS,
    LegRole,
    LegStatus,
    TriggerStatus,
    leg_moved,
    trigger_moved,
)
from trading.orders.models import Trigger, TriggerEvent, TriggerEventType, TriggerLeg
from trading.orders.selectors.triggers import trigger_shape

# Rung with an instrument's key when what is watched on it has changed.
TRIGGERS_CHANNEL = "orders.triggers"

_TRIGGER_FIELDS = [
    "quantity",
    "entry_quantity",
    "filled_quantity",
    "released_quantity",
    "expires_on",
    "note",
    "status",
    "status_code",
    "status_message",
    "alarm_since",
    "event_seq",
    "updated_at",
]
_LEG_FIELDS = [
    "direction",
    "trigger_price",
    "order_type",
    "price",
    "trail_points",
    "trail_percent",
    "peak_price",
    "status",
    "attempts",
    "refusals",
    "next_attempt_at",
    "fired_at",
]


class TriggerChange:
    """Moves a trigger and its legs and remembers what happened. The caller holds the account's lock.

    Orders that are placed or withdrawn in between are saved with changes of their own to the same rows, so a
    change is saved before, and loaded anew after.
    """

    def __init__(self, trigger: Trigger, legs: list[TriggerLeg], *, actor: str, at: datetime) -> None:
        self.trigger = trigger
        self.legs = {LegRole(leg.role): leg for leg in legs}
        self.actor = actor
        self.at = at
        self.events: list[TriggerEvent] = []

    @classmethod
    def load(cls, trigger_id: UUID, *, actor: str, at: datetime) -> Self:
        """The trigger as it is stored now."""
        trigger = Trigger.objects.select_related("instrument").get(id=trigger_id)
        return cls(trigger, list(TriggerLeg.objects.filter(trigger_id=trigger_id)), actor=actor, at=at)

    def leg_by_id(self, leg_id: UUID | None) -> TriggerLeg:
        """One of its legs."""
        return next(leg for leg in self.legs.values() if leg.id == leg_id)

    @property
    def exits(self) -> list[TriggerLeg]:
        """The legs that fire; all but the entry."""
        return [leg for role, leg in self.legs.items() if role is not LegRole.ENTRY]

    def event(self, event_type: TriggerEventType, **data: Any) -> None:
        """Note an event with the trigger's present status. `data` holds JSON values."""
        self.trigger.event_seq += 1
        self.events.append(
            TriggerEvent(
                organisation_id=self.trigger.organisation_id,
                trigger_id=self.trigger.id,
                seq=self.trigger.event_seq,
                type=event_type,
                status=self.trigger.status,
                at=self.at,
                actor=self.actor,
                data=data,
            )
        )

    def move(self, target: TriggerStatus) -> None:
        """Put the trigger into another state; raises `IllegalTriggerMove` when the table forbids it."""
        self.trigger.status = trigger_moved(TriggerStatus(self.trigger.status), target)
        self.trigger.alarm_since = self.at if target is TriggerStatus.ALARM else None

    def move_leg(self, leg: TriggerLeg, target: LegStatus) -> None:
        """Put a leg into another state; staying where it is is no move."""
        if leg.status == target:
            return
        leg.status = leg_moved(LegStatus(leg.status), target)
        leg.next_attempt_at = None
        if target is LegStatus.FIRED:
            leg.fired_at = self.at

    def explain(self, code: str, message: str) -> None:
        """Why the trigger is in its state, for people and programs."""
        self.trigger.status_code = code
        self.trigger.status_message = message[:255]

    def finish(self, target: TriggerStatus, event_type: TriggerEventType, code: str, message: str) -> None:
        """End the trigger with all of its legs: those that had fired are done, the rest cancelled."""
        done = target is TriggerStatus.COMPLETED
        for leg in self.legs.values():
            if leg.status in OPEN_LEGS:
                fired = leg.status == LegStatus.FIRED
                self.move_leg(leg, LegStatus.DONE if done and fired else LegStatus.CANCELLED)
        self.move(target)
        self.explain(code, message)
        self.event(event_type, code=code, message=message)

    def save(self, *, is_new: bool = False) -> None:
        """Write the rows, tell the account's stream and ring for whoever watches."""
        trigger = self.trigger
        trigger.updated_at = self.at
        if is_new:
            writes.insert(trigger, *self.legs.values())
        else:
            writes.update(trigger, _TRIGGER_FIELDS)
            for leg in self.legs.values():
                writes.update(leg, _LEG_FIELDS)
        writes.insert(*self.events)
        self.events = []
        streams.append(
            f"orders:{trigger.account_id}",
            "trigger_update",
            trigger_shape(trigger, list(self.legs.values()), key=trigger.instrument.key),
            organisation_id=trigger.organisation_id,
        )
        publish_on_commit(TRIGGERS_CHANNEL, trigger.instrument.key.encode())

    @property
    def is_final(self) -> bool:
        return self.trigger.status in FINAL_TRIGGERS

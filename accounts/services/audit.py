"""Writing the audit trail."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from accounts.domain.actor import Actor
from accounts.domain.audit_chain import AuditFacts, link_hash
from accounts.models import AuditEntry, AuditHead
from core.clock import wall_now
from core.db import writes
from core.db.prepared import Prepared
from core.errors import DataBroken

_head_locked = Prepared(
    lambda organisation_id: AuditHead.objects.select_for_update().filter(organisation_id=organisation_id),
    organisation_id=UUID,
)


def audit_record(
    *,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: UUID | int | str,
    data: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add one entry to the chain of the actor's organisation; three statements.

    Call it inside the transaction of what it records, LAST: it locks the chain's head until the commit. `action`
    reads "order.submitted". `data` takes whatever Django's JSON encoder does, but no floats.
    """
    head = _head_locked.first(organisation_id=actor.organisation_id)
    if head is None:
        raise DataBroken("The organisation's audit trail has no head.", code="audit_head_missing")
    facts = AuditFacts(
        organisation_id=actor.organisation_id,
        seq=head.seq + 1,
        at=wall_now(),
        actor_kind=actor.kind.value,
        actor_id=actor.user_id,
        api_key_id=actor.api_key_id,
        actor_label=actor.label,
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        data=_plain(data or {}),
    )
    entry = AuditEntry(
        organisation_id=facts.organisation_id,
        seq=facts.seq,
        at=facts.at,
        actor_kind=facts.actor_kind,
        actor_id=facts.actor_id,
        api_key_id=facts.api_key_id,
        actor_label=facts.actor_label,
        action=facts.action,
        object_type=facts.object_type,
        object_id=facts.object_id,
        data=facts.data,
        prev_hash=head.hash,
        hash=link_hash(head.hash, facts),
    )
    head.seq, head.hash = entry.seq, entry.hash
    writes.insert(entry)
    writes.update(head, ["seq", "hash"])
    return entry


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` as it will read back from the database; a float would come back in another spelling."""
    plain: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder), parse_float=_refuse_float)
    return plain


def _refuse_float(text: str) -> float:
    raise TypeError(f"audit data must not contain floats ({text}); use Decimal or integer paise")

"""Reading the audit trail back to see whether it is whole."""

from collections.abc import Iterator
from uuid import UUID

from accounts.domain.audit_chain import AuditFacts, ChainFault, Link, chain_fault
from accounts.models import AuditEntry, AuditHead


def audit_links(organisation_id: UUID) -> Iterator[Link]:
    """Every entry of an organisation's chain, oldest first, streamed."""
    entries = AuditEntry.objects.filter(organisation_id=organisation_id).order_by("seq", "id")
    for entry in entries.iterator(chunk_size=2000):
        facts = AuditFacts(
            organisation_id=entry.organisation_id,
            seq=entry.seq,
            at=entry.at,
            actor_kind=entry.actor_kind,
            actor_id=entry.actor_id,
            api_key_id=entry.api_key_id,
            actor_label=entry.actor_label,
            action=entry.action,
            object_type=entry.object_type,
            object_id=entry.object_id,
            data=entry.data,
        )
        yield Link(facts, entry.prev_hash, entry.hash)


def audit_fault(organisation_id: UUID) -> ChainFault | None:
    """The first fault in an organisation's audit trail, or None; needs a scope that shows the organisation."""
    head = AuditHead.objects.filter(organisation_id=organisation_id).first()
    if head is None:
        return ChainFault(0, "the head of the chain is missing")
    return chain_fault(audit_links(organisation_id), head_seq=head.seq, head_hash=head.hash)

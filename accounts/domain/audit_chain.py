"""The arithmetic of the audit trail: what an entry's hash covers, and how a chain is checked."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """All that an entry says. `data` is plain JSON without floats, so that it reads back as it was written."""

    organisation_id: UUID
    seq: int
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    api_key_id: UUID | None
    actor_label: str
    action: str
    object_type: str
    object_id: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as stored: its facts and the two hashes beside them."""

    facts: AuditFacts
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first place where a chain does not hold."""

    seq: int
    reason: str


def canonical(facts: AuditFacts) -> bytes:
    """The one spelling of an entry that is hashed: JSON, sorted keys, no spaces, UTC with microseconds."""
    fields = {
        "organisation": str(facts.organisation_id),
        "seq": facts.seq,
        "at": facts.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_kind": facts.actor_kind,
        "actor_id": str(facts.actor_id) if facts.actor_id else None,
        "api_key_id": str(facts.api_key_id) if facts.api_key_id else None,
        "actor_label": facts.actor_label,
        "action": facts.action,
        "object_type": facts.object_type,
        "object_id": facts.object_id,
        "data": facts.data,
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link_hash(prev_hash: str, facts: AuditFacts) -> str:
    """SHA-256 (hexadecimal) over the previous entry's hash and this entry's canonical form."""
    return hashlib.sha256(prev_hash.encode() + b"\n" + canonical(facts)).hexdigest()


def chain_fault(links: Iterable[Link], *, head_seq: int, head_hash: str) -> ChainFault | None:
    """The first fault of a chain given in ascending `seq`, or None when it is whole up to its head."""
    seq, prev_hash = 0, ""
    for link in links:
        found = link.facts.seq
        if found != seq + 1:
            return ChainFault(seq + 1, f"entry {seq + 1} is missing; the next one found is {found}")
        if link.prev_hash != prev_hash:
            return ChainFault(found, f"entry {found} does not follow the entry before it")
        if link.hash != link_hash(prev_hash, link.facts):
            return ChainFault(found, f"entry {found} was altered after it was written")
        if found > head_seq:
            return ChainFault(found, f"entry {found} lies beyond the head of the chain ({head_seq})")
        seq, prev_hash = found, link.hash
    if seq != head_seq:
        missing = seq + 1
        return ChainFault(missing, f"entry {missing} is missing: the chain ends at {seq}, its head at {head_seq}")
    if prev_hash != head_hash:
        return ChainFault(seq, f"the head of the chain does not match entry {seq}")
    return None

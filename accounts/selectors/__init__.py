"""What can be read about users, organisations, keys and the audit trail."""

from .audit import audit_fault, audit_links
from .organisation import (
    api_key_get,
    api_keys,
    audit_entries,
    invitations_open,
    member_get,
    members,
    organisation_get,
    organisation_of_user,
)

__all__ = [
    "api_key_get",
    "api_keys",
    "audit_entries",
    "audit_fault",
    "audit_links",
    "invitations_open",
    "member_get",
    "members",
    "organisation_get",
    "organisation_of_user",
]

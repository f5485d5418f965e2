"""What can be read about users, organisations, keys and the audit trail."""

from .audit import audit_fault, audit_links
from .organisation import (
    api_keys,
    audit_entries,
    invitations_open,
    members,
    organisation_get,
    organisation_of_user,
)

__all__ = [
    "api_keys",
    "audit_entries",
    "audit_fault",
    "audit_links",
    "invitations_open",
    "members",
    "organisation_get",
    "organisation_of_user",
]

"""What can be done with users, organisations, memberships, keys and the audit trail."""

from .api_key import api_key_create, api_key_revoke, api_key_used
from .audit import audit_record
from .invitation import invitation_accept, invitation_by_token, invitation_create, invitation_revoke
from .membership import membership_add, membership_change, membership_remove
from .organisation import organisation_activate, organisation_create
from .revocation import access_revoked_on_commit, caller_changed_on_commit, user_stamp, user_stamp_key
from .user import user_create, user_disable, user_registered, user_rename
from .ws_ticket import ws_ticket_issue, ws_ticket_redeem

__all__ = [
    "access_revoked_on_commit",
    "api_key_create",
    "api_key_revoke",
    "api_key_used",
    "audit_record",
    "caller_changed_on_commit",
    "invitation_accept",
    "invitation_by_token",
    "invitation_create",
    "invitation_revoke",
    "membership_add",
    "membership_change",
    "membership_remove",
    "organisation_activate",
    "organisation_create",
    "user_create",
    "user_disable",
    "user_registered",
    "user_rename",
    "user_stamp",
    "user_stamp_key",
    "ws_ticket_issue",
    "ws_ticket_redeem",
]

"""Who there is: users, the organisations they belong to, their keys, and the record of what they did."""

from .api_key import ApiKey
from .audit import AuditEntry, AuditHead
from .membership import Invitation, Membership
from .organisation import Organisation
from .user import User

__all__ = ["ApiKey", "AuditEntry", "AuditHead", "Invitation", "Membership", "Organisation", "User"]

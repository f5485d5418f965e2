"""What the admin pages of every app have in common."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Mixed into an admin page or an inline whose rows only services write: there to look at, not to change."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

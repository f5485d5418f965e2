"""What ends a log-in without asking a service of ours: Django's, allauth's and the admin's own views alike."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.services import access_revoked_on_commit


@receiver(user_logged_out)
def end_what_hangs_on_the_log_in(request: HttpRequest, user: User | None, **_: Any) -> None:
    """A log-out: its sockets are looked at again, and cached answers forgotten."""
    if user is not None:
        # Django ends the session only after this signal; whoever looks again now must find it gone.
        request.session.flush()
        access_revoked_on_commit(user_id=user.pk)


@receiver(post_save, sender=User)
def end_log_ins_with_the_old_password(instance: User, created: bool, **_: Any) -> None:
    """A new password: sessions and tokens made with the old one end now, not when the cache forgets them."""
    # Django keeps the raw password here from set_password until it has been saved.
    if not created and instance._password is not None:  # type: ignore[attr-defined]
        access_revoked_on_commit(user_id=instance.pk)

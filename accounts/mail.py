"""Letters this app sends."""

from functools import partial

from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.domain.permissions import Role
from accounts.models import Invitation
from core.events import call_on_commit


def invitation_mail_on_commit(*, invitation: Invitation, link: str) -> None:
    """Send the link to the invited address; the inviter has it too, so a lost letter is no loss."""
    context = {"organisation": invitation.organisation, "role": Role(invitation.role).label, "link": link}
    body = render_to_string("accounts/mail/invitation.txt", context)
    subject = f"[Sauda] {invitation.organisation.name} invites you"
    call_on_commit(partial(send_mail, subject, body, None, [invitation.email]))

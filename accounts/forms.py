"""Forms check shape; services check rules."""

from datetime import timedelta
from typing import Any

from django import forms

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission, Role, may_assign
from accounts.models.membership import ROLE_CHOICES
from core.clock import wall_now

_LIVES = [("30", "30 days"), ("90", "90 days"), ("365", "One year"), ("", "Never expires")]


def assignable_roles(actor: Actor) -> list[tuple[str, str]]:
    """The roles, as form choices, that this actor may give to somebody."""
    role = actor.role
    if role is None:
        return []
    return [choice for choice in ROLE_CHOICES if may_assign(role, current=None, new=Role(choice[0]))]


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.TypedChoiceField(label="Role", coerce=Role, initial=Role.TRADER)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = assignable_roles(actor)  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.TypedChoiceField(choices=ROLE_CHOICES, coerce=Role)


class ApiKeyForm(forms.Form):
    """What a new key is for and may do."""

    name = forms.CharField(max_length=80, help_text="Say which program will hold it.")
    scopes = forms.TypedMultipleChoiceField(coerce=Permission, widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(label="Life", choices=_LIVES, required=False, initial="90")
    allowed_networks = forms.CharField(
        label="Addresses it may be used from",
        required=False,
        max_length=1000,
        help_text="Addresses or networks, parted by spaces. Empty: from anywhere.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(p.value, p.label) for p in Permission if actor.may(p)]
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """The valid form as keyword arguments of `api_key_create`."""
        data = self.cleaned_data
        life = timedelta(days=int(data["days"])) if data["days"] else None
        return {
            "name": data["name"],
            "scopes": data["scopes"],
            "expires_at": wall_now() + life if life else None,
            "allowed_networks": data["allowed_networks"].replace(",", " ").split(),
        }


class AuditFilterForm(forms.Form):
    """Which entries to show; `before` is the sequence number to continue under."""

    action = forms.CharField(required=False, max_length=64)
    actor = forms.CharField(required=False, max_length=254)
    before = forms.IntegerField(required=False, min_value=1)


class ProfileForm(forms.Form):
    """One's own name."""

    name = forms.CharField(max_length=120, required=False, help_text="Shown to the other members.")

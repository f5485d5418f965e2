"""What tests are made of: plain functions that build real rows."""

from itertools import count

from accounts.models import Organisation

_numbers = count(1)


def make_organisation(name: str = "") -> Organisation:
    """An organisation without members."""
    number = next(_numbers)
    return Organisation.objects.create(name=name or f"Desk {number}", slug=f"desk-{number}")

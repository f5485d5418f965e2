"""What tests are made of: plain functions that build real rows through the real services."""

from decimal import Decimal
from itertools import count
from typing import Any

from accounts.domain.actor import Actor, system_actor, user_actor
from accounts.domain.permissions import Role
from accounts.models import Membership, Organisation, User
from accounts.services import organisation_create, user_create
from core.tenancy import tenant_scope
from trading.instruments.domain.keys import Contract, Exchange, InstrumentKey
from trading.instruments.models import Instrument, InstrumentType
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_create, funds_deposit

PASSWORD = "correct-horse-battery"

_numbers = count(1)


def make_user(email: str = "", *, name: str = "", is_superuser: bool = False) -> User:
    """A user with a verified address and the password `PASSWORD`, in no organisation."""
    return user_create(
        email=email or f"user-{next(_numbers)}@example.test",
        password=PASSWORD,
        name=name,
        is_superuser=is_superuser,
    )


def make_organisation(name: str = "", *, owner: User | None = None) -> Organisation:
    """An organisation with one owner and an empty audit trail."""
    number = next(_numbers)
    return organisation_create(name=name or f"Desk {number}", slug=f"desk-{number}", owner=owner or make_user())


def make_member(role: Role = Role.TRADER, organisation: Organisation | None = None, email: str = "") -> Membership:
    """A new user with a role in an organisation (a new one, owned by somebody else, unless given)."""
    organisation = organisation or make_organisation()
    user = make_user(email)
    with tenant_scope(organisation.id):
        membership: Membership = Membership.objects.create(organisation=organisation, user=user, role=role)
    User.objects.filter(pk=user.pk).update(active_organisation=organisation)
    user.active_organisation = organisation
    return membership


def actor_for(membership: Membership) -> Actor:
    """The member, acting as a person inside their organisation."""
    return user_actor(
        user_id=membership.user_id,
        organisation_id=membership.organisation_id,
        role=Role(membership.role),
        label=membership.user.email,
    )


def make_account(membership: Membership, *, name: str = "", funds: Decimal | int = 1_000_000) -> TradingAccount:
    """A paper account of the member's with `funds` rupees deposited."""
    clerk = system_actor(membership.organisation_id, "tests")
    with tenant_scope(membership.organisation_id):
        account = account_create(actor=clerk, owner_id=membership.user_id, name=name or f"Paper {next(_numbers)}")
        if funds:
            account = funds_deposit(actor=clerk, account_id=account.id, paise=int(Decimal(funds) * 100))
    return account


def make_instrument(key: str = "NSE:RELIANCE", **fields: Any) -> Instrument:
    """An instrument whose type, underlying and strike follow from its key; a contract needs an `expiry`."""
    parsed = InstrumentKey.parse(key)
    defaults: dict[str, Any] = {
        "exchange": parsed.exchange,
        "symbol": parsed.symbol,
        "name": parsed.symbol.title(),
        "instrument_type": InstrumentType.EQUITY,
        "tick_size": Decimal("0.05"),
    }
    if parsed.exchange in (Exchange.NFO, Exchange.BFO):
        contract = Contract.parse(parsed.symbol)
        defaults |= {
            "instrument_type": contract.right.value,
            "underlying": contract.underlying,
            "strike": contract.strike,
        }
    return Instrument.objects.create(key=str(parsed), **(defaults | fields))

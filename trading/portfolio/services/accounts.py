"""Opening trading accounts, and locking one before money moves."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.models import Membership
from accounts.services import audit_record
from core.db.prepared import Prepared, Question
from core.errors import Conflict, InvalidInput, NotFound
from trading.portfolio.models import LedgerBalance, TradingAccount
from trading.portfolio.selectors.rates import brokerage_plans


@transaction.atomic
def account_create(
    *,
    actor: Actor,
    owner_id: UUID,
    name: str,
    broker: TradingAccount.Broker = TradingAccount.Broker.PAPER,
    brokerage_plan: str | None = None,
) -> TradingAccount:
    """Open an account, without funds, for a member of the actor's organisation. Needs MANAGE_ACCOUNTS.

    Only a PAPER account is in paper mode. Its trades are charged by `brokerage_plan`, the installation's own unless
    named. Raises InvalidInput for an owner who is no member, an unknown plan or a broker that is not configured,
    Conflict when the name is taken.
    """
    actor.require(Permission.MANAGE_ACCOUNTS)
    name = name.strip()
    if not name:
        raise InvalidInput("Give the account a name.", errors={"name": ["This field may not be blank."]})
    if not Membership.objects.for_actor(actor).filter(user_id=owner_id).exists():
        raise InvalidInput("The owner is no member of this organisation.", errors={"owner": ["Not a member."]})
    if broker == TradingAccount.Broker.SIMULATOR and not settings.BROKER_SIMULATOR_URL:
        message = "This installation names no broker simulator."
        raise InvalidInput(message, code="no_route", errors={"broker": [message]})
    plan = brokerage_plan or settings.PAPER_BROKERAGE_PLAN
    if plan not in brokerage_plans():
        message = f"Choose one of {', '.join(brokerage_plans())}."
        raise InvalidInput(message, code="unknown_plan", errors={"brokerage_plan": [message]})
    if TradingAccount.objects.filter(organisation_id=actor.organisation_id, name=name).exists():
        raise Conflict("An account of this name exists already.", code="account_name_taken")
    is_paper = broker == TradingAccount.Broker.PAPER
    account = TradingAccount.objects.create(
        organisation_id=actor.organisation_id,
        owner_id=owner_id,
        name=name,
        broker=broker,
        mode=TradingAccount.Mode.PAPER if is_paper else TradingAccount.Mode.LIVE,
        brokerage_plan=plan,
    )
    account.balance = LedgerBalance.objects.create(organisation_id=actor.organisation_id, account=account)
    audit_record(
        actor=actor,
        action="account.create",
        object_type="trading_account",
        object_id=str(account.id),
        data={"name": name, "owner": str(owner_id), "mode": account.mode, "plan": plan},
    )
    return account


def _to_lock(balances: QuerySet[LedgerBalance]) -> QuerySet[LedgerBalance]:
    # Both rows are locked: PostgreSQL reads a locked row anew after waiting, but only a locked one, and the
    # balance of before the wait would let the funds be spent twice.
    return balances.select_related("account").select_for_update(of=("self", "account"))


_any = Prepared(lambda account_id: _to_lock(LedgerBalance.objects.filter(account_id=account_id)), account_id=UUID)
_of_tenant = Prepared(
    lambda account_id, organisation_id: _to_lock(
        LedgerBalance.objects.filter(account_id=account_id, organisation_id=organisation_id)
    ),
    account_id=UUID,
    organisation_id=UUID,
)


def account_lock(account_id: UUID) -> TradingAccount:
    """Lock an account's row until the transaction ends, with its balance read: money moves one order at a time.

    For callers that have authorised already or act for the system. Must run inside a transaction.
    """
    return _account(_any.first(account_id=account_id))


def account_lock_for(actor: Actor, account_id: UUID) -> TradingAccount:
    """As `account_lock`, for an account that the actor may see; anything else is NotFound."""
    account = _account(_of_tenant.first(account_id=account_id, organisation_id=actor.organisation_id))
    if not account.is_seen_by(actor):
        raise NotFound("There is no such account.", code="unknown_account")
    return account


def account_lock_question(actor: Actor, account_id: UUID) -> Question[LedgerBalance]:
    """The lock of `account_lock_for`, to be asked ahead with what is read behind it."""
    return _of_tenant.question(account_id=account_id, organisation_id=actor.organisation_id)


def _account(balance: LedgerBalance | None) -> TradingAccount:
    if balance is None:
        raise NotFound("There is no such account.", code="unknown_account")
    account: TradingAccount = balance.account
    account.balance = balance
    return account

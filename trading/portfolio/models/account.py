"""The trading account: whose money, at which broker, paper or live."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.ids import new_id
from core.tenancy import OrganisationOwned, TenantQuerySet


class TradingAccountQuerySet(TenantQuerySet):
    """Accounts as an actor may see them."""

    def for_actor(self, actor: Actor) -> Self:  # type: ignore[override]
        """The organisation's accounts; without VIEW_ALL_ACCOUNTS, the actor's own."""
        scoped = super().for_actor(actor)
        return scoped if actor.may(Permission.VIEW_ALL_ACCOUNTS) else scoped.filter(owner_id=actor.user_id)


class AccountOwnedQuerySet(TenantQuerySet):
    """Rows that hang off a trading account, seen by whoever may see the account."""

    def for_actor(self, actor: Actor) -> Self:  # type: ignore[override]
        """Rows of the accounts that the actor may see."""
        scoped = super().for_actor(actor)
        if actor.may(Permission.VIEW_ALL_ACCOUNTS):
            return scoped
        return scoped.filter(account__owner_id=actor.user_id)


class TradingAccount(OrganisationOwned):
    """Funds and positions of one owner at one broker. Paper or live is a property of the account, for good."""

    class Broker(models.TextChoices):
        PAPER = "PAPER", "Paper exchange"
        # A stand-in for a broker, to rehearse the live route on (docs/routing.md).
        SIMULATOR = "SIMULATOR", "Broker simulator"

    class Mode(models.TextChoices):
        PAPER = "PAPER", "Paper"
        LIVE = "LIVE", "Live"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="trading_accounts")
    name = models.CharField(max_length=80)
    broker = models.CharField(max_length=16, choices=Broker, default=Broker.PAPER)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.PAPER)
    brokerage_plan = models.CharField(
        max_length=16,
        default="paper",
        help_text="Whose brokerage and fees its trades are charged.",
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TradingAccountQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(broker="PAPER") | Q(mode="PAPER"), name="account_paper_broker_is_paper_mode"
            ),
            models.CheckConstraint(
                condition=~Q(broker="SIMULATOR") | Q(mode="LIVE"), name="account_simulator_is_live_mode"
            ),
            models.CheckConstraint(condition=Q(mode__in=["PAPER", "LIVE"]), name="account_mode_known"),
            models.UniqueConstraint(fields=["organisation", "name"], name="account_name_once_per_organisation"),
        ]
        indexes = [models.Index(fields=["organisation", "owner"], name="account_by_owner")]

    def __str__(self) -> str:
        return f"{self.name} ({self.mode})"

    def is_seen_by(self, actor: Actor) -> bool:
        """What `for_actor` asks the database, of a row that is here already."""
        own = self.owner_id == actor.user_id or actor.may(Permission.VIEW_ALL_ACCOUNTS)
        return own and self.organisation_id == actor.organisation_id

    @property
    def is_paper(self) -> bool:
        """Whether its orders go to the paper exchange, and nowhere else."""
        return self.broker == self.Broker.PAPER and self.mode == self.Mode.PAPER

    @property
    def keeps_funds_here(self) -> bool:
        """Whether its money is kept by this installation; a real broker's account has it there."""
        return self.broker in (self.Broker.PAPER, self.Broker.SIMULATOR)


class AccountOwned(OrganisationOwned):
    """A row that hangs off a trading account (its `account`), and is seen by whoever may see that."""

    objects = AccountOwnedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True

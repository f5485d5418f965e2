"""Rows that hold for an organisation, for one account, or for a strategy in all accounts or in one."""

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.tenancy import OrganisationOwned, TenantQuerySet
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import Level

STRATEGY_LENGTH = 64
REASON_LENGTH = 240


class ScopedQuerySet(TenantQuerySet):
    """Rows of a scope as an actor may see them."""

    def for_actor(self, actor: Actor) -> Self:  # type: ignore[override]
        """The organisation's rows, and those of the accounts that the actor may see."""
        scoped = super().for_actor(actor)
        if actor.may(Permission.VIEW_ALL_ACCOUNTS):
            return scoped
        return scoped.filter(Q(account=None) | Q(account__owner_id=actor.user_id))


class Scoped(OrganisationOwned):
    """No account and no strategy: the organisation. A strategy without an account: that strategy everywhere."""

    account = models.ForeignKey(
        "portfolio.TradingAccount", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    strategy = models.CharField(max_length=STRATEGY_LENGTH, blank=True, default="")

    objects = ScopedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True

    @property
    def level(self) -> Level:
        """The level that the row holds at."""
        if self.strategy:
            return Level.STRATEGY
        return Level.ORGANISATION if self.account_id is None else Level.ACCOUNT

    @property
    def scope_label(self) -> str:
        """The scope in words, for people."""
        where = self.account.name if self.account else "all accounts"
        if self.strategy:
            return f"strategy {self.strategy} in {where}"
        return f"account {where}" if self.account else "the organisation"


class Reaching(Scoped):
    """A scope, or a user: the orders that they place and the accounts that they own."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def level(self) -> Level:
        return Level.USER if self.user_id else super().level

    @property
    def scope(self) -> Scope:
        """Whom the row is about."""
        return Scope(self.organisation_id, self.account_id, self.user_id, self.strategy)


def one_per_reach(
    name: str, *, besides: Iterable[str] = ()
) -> list[models.UniqueConstraint | models.CheckConstraint]:
    """Constraints that let each scope, and each user of an organisation, have one row."""
    fields = list(besides)
    return [
        *one_per_scope(name, besides=fields, condition=Q(user=None)),
        models.UniqueConstraint(
            fields=["organisation", "user", *fields],
            condition=Q(user__isnull=False),
            name=f"{name}_once_per_user",
        ),
        models.CheckConstraint(condition=Q(user=None) | Q(account=None, strategy=""), name=f"{name}_of_one_level"),
    ]


def one_per_scope(
    name: str, *, besides: Iterable[str] = (), condition: Q | None = None
) -> list[models.UniqueConstraint]:
    """Constraints that let each scope have one row (for each value of the fields `besides`)."""
    only, fields = condition or Q(), list(besides)
    return [
        models.UniqueConstraint(
            fields=["organisation", *fields],
            condition=only & Q(account=None, strategy=""),
            name=f"{name}_once_per_tenant",
        ),
        models.UniqueConstraint(
            fields=["account", *fields],
            condition=only & Q(account__isnull=False, strategy=""),
            name=f"{name}_once_per_account",
        ),
        models.UniqueConstraint(
            fields=["organisation", "strategy", *fields],
            condition=only & Q(account=None) & ~Q(strategy=""),
            name=f"{name}_once_per_strategy",
        ),
        models.UniqueConstraint(
            fields=["account", "strategy", *fields],
            condition=only & Q(account__isnull=False) & ~Q(strategy=""),
            name=f"{name}_once_per_run",
        ),
    ]

"""Who may see whom. Every read of a person's or a team's rows starts here."""

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from foundation.dated import DatedQuerySet, Row
from foundation.once import once, remember

if TYPE_CHECKING:
    from accounts.models import User

TREE = "teams above"  # what is remembered for a page: the team above each team


class UserQuerySet(models.QuerySet[Row]):
    """People."""

    def active(self) -> Self:
        """People who still work here."""
        return self.filter(is_active=True)

    def visible_to(self, user: "User") -> Self:
        """Colleagues' names are no secret inside the organisation; their scores are."""
        return self if user.is_active else self.none()

    def scores_visible_to(self, user: "User") -> Self:
        """People whose scores `user` may read: their own, and of those they lead or led."""
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self
        led = apps.get_model("accounts.Membership").objects.led_by(user).filter(user=OuterRef("pk"))
        return self.filter(Q(pk=user.pk) | Exists(led))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes people; addresses are kept in lower case, so that one address is one person."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str | None:
        """The address in lower case, or None where there is none."""
        return email.strip().lower() if email and email.strip() else None

    def create_user(self, email: str | None, password: str | None = None, **fields: object) -> "User":
        """A person; without a password they cannot sign in until invited."""
        user: User = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this address, whatever its case."""
        found: User = self.get(email=self.normalize_email(username))
        return found


class TeamQuerySet(models.QuerySet[Row]):
    """Teams, of both reporting lines."""

    def active(self) -> Self:
        """Teams in use."""
        return self.filter(is_active=True)

    def parents(self) -> dict[int, int | None]:
        """The team above each team, of all there are. One query."""
        teams = self.model._default_manager.order_by()
        return once(TREE, lambda: dict(teams.values_list("pk", "parent_id")))

    def with_below(self, ids: set[int]) -> set[int]:
        """The given teams and all teams below them. Reads the whole tree, which is small, in one query."""
        children: dict[int | None, list[int]] = defaultdict(list)
        for pk, parent in self.parents().items():
            children[parent].append(pk)
        found: set[int] = set()
        waiting = list(ids)
        while waiting:
            pk = waiting.pop()
            if pk not in found:
                found.add(pk)
                waiting.extend(children[pk])
        return found

    def with_above(self, ids: set[int]) -> set[int]:
        """The given teams and all teams above them, in one query."""
        parents = self.parents()
        found: set[int] = set()
        waiting: list[int | None] = list(ids)
        while waiting:
            pk = waiting.pop()
            if pk is not None and pk not in found:
                found.add(pk)
                waiting.append(parents.get(pk))
        return found

    def led_by(self, user: "User") -> Self:
        """Teams that `user` leads, with all teams below."""
        led = once(("teams led", user.pk), lambda: self._led_ids(user))
        return self.filter(pk__in=led) if led else self.none()

    def _led_ids(self, user: "User") -> set[int]:
        return self._read_for(user)[1]

    def visible_to(self, user: "User") -> Self:
        """Teams whose scorecard `user` may read: those they lead (and below); administrators all."""
        if not user.is_active:
            return self.none()
        return self if user.is_admin else self.led_by(user)

    def shown_to(self, user: "User") -> list[Row]:
        """What `visible_to` finds, by name, read in one query with the tree, which is needed next."""
        if not user.is_active:
            return []
        teams, led = self._read_for(user)
        return teams if user.is_admin else [team for team in teams if team.pk in led]

    def _read_for(self, user: "User") -> tuple[list[Row], set[int]]:
        """All teams, and the ids of those that somebody leads, with all below."""
        through: Any = user.led_teams.through
        own = through.objects.filter(team=OuterRef("pk"), user=user)
        teams: list[Any] = list(self.model._default_manager.annotate(is_led=Exists(own)))
        remember(TREE, {team.pk: team.parent_id for team in teams})
        direct = {team.pk for team in teams if team.is_led}
        led = self.with_below(direct) if direct else set()
        remember(("teams led", user.pk), led)
        return teams, led


class MembershipQuerySet(DatedQuerySet[Row]):
    """Dated membership."""

    def led_by(self, user: "User") -> Self:
        """Memberships in the teams that `user` leads, and below."""
        return self.filter(team__in=apps.get_model("accounts.Team").objects.led_by(user))

    def sharing_a_day_with_outer(self, starts: str, ends: str) -> Self:
        """Memberships that share a day with the outer query's range [`starts`, `ends`), named by its columns.

        An empty `ends` means that the outer range still lasts.
        """
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef(starts)),
            starts_on__lt=Coalesce(OuterRef(ends), Value(date.max)),
        )

    def visible_to(self, user: "User") -> Self:
        """One's own memberships and those of the teams one leads; administrators all."""
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self
        led = apps.get_model("accounts.Team").objects.led_by(user)
        return self.filter(Q(user=user) | Q(team__in=led))


class AbsenceQuerySet(DatedQuerySet[Row]):
    """Days on which people are away."""

    def visible_to(self, user: "User") -> Self:
        """One's own absences and those of the people one leads or led; administrators all."""
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self
        led = apps.get_model("accounts.Membership").objects.led_by(user).filter(user=OuterRef("user"))
        return self.filter(Q(user=user) | Exists(led))

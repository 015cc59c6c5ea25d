"""Who may see which action, notification, trial; and the usual cuts."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Membership, Team, User
from apr.periods import Period
from foundation.dated import Row
from opportunities.models import Opportunity
from partners.models import PartnerManagement


class ActionQuerySet(models.QuerySet[Row]):
    """Actions."""

    def visible_to(self, user: User) -> Self:
        """Actions one did or took part in, of the people one leads (for the days one led them), on deals
        one sees, and with partners one manages where no deal is named. Administrators see all.
        """
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self
        led = Membership.objects.led_by(user).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("occurred_on")),
            user=OuterRef("actor"),
            starts_on__lte=OuterRef("occurred_on"),
        )
        managed = PartnerManagement.objects.filter(partner=OuterRef("partner"), user=user)
        return self.filter(
            Q(actor=user)
            | Q(counterpart=user)
            | Q(Exists(led))
            | Q(opportunity__in=Opportunity.objects.visible_to(user))
            | Q(Exists(managed), opportunity__isnull=True)
        )

    def standing(self) -> Self:
        """Actions not voided."""
        return self.filter(voided_at__isnull=True)

    def that_count(self) -> Self:
        """Actions that name what they were about: a deal, partner or customer (coaching: the colleague)."""
        coaching = Q(action_type__category="coaching")
        about = Q(opportunity__isnull=False) | Q(partner__isnull=False) | Q(customer__isnull=False)
        return self.standing().filter((coaching & Q(counterpart__isnull=False)) | (~coaching & about))

    def coaching_sessions(self) -> Self:
        """Coaching that counts and that the colleague did not dispute."""
        return self.that_count().filter(action_type__category="coaching").exclude(confirmation="disputed")

    def waiting_for(self, user: User) -> Self:
        """Actions that a colleague logged with `user`, neither confirmed nor disputed yet."""
        return self.standing().filter(counterpart=user, confirmation="none")


class CoachingAdviceQuerySet(models.QuerySet[Row]):
    """Advice of coaching sessions."""

    def visible_to(self, user: User) -> Self:
        """Only that which the person gave or got: what was said stays between the two."""
        if not user.is_active:
            return self.none()
        return self.filter(Q(action__actor=user) | Q(action__counterpart=user))

    def waiting_for(self, user: User) -> Self:
        """Advice to the person that they have not acknowledged yet."""
        return self.filter(
            action__counterpart=user,
            action__voided_at__isnull=True,
            action__action_type__category="coaching",
            acknowledged_at__isnull=True,
        )


class TargetQuerySet(models.QuerySet[Row]):
    """Targets."""

    def visible_to(self, user: User) -> Self:
        """Targets for one's roles and one's teams (and above them), and those of the people and teams whose
        scores one may read. Administrators see all.
        """
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self
        own_teams = Team.objects.with_above(set(user.memberships.values_list("team", flat=True)))
        return self.filter(
            Q(role__in=user.roles)
            | Q(team__in=own_teams)
            | Q(team__in=Team.objects.visible_to(user))
            | Q(user__in=User.objects.scores_visible_to(user))
        )


class NotificationQuerySet(models.QuerySet[Row]):
    """What people were told of."""

    def visible_to(self, user: User) -> Self:
        """One's own: what somebody is told is nobody else's page, not even an administrator's."""
        return self.filter(person=user) if user.is_active else self.none()

    def open(self) -> Self:
        """Those whose reason still holds."""
        return self.filter(closed_at__isnull=True)

    def unread(self) -> Self:
        """Those that still ask to be read."""
        return self.open().filter(read_at__isnull=True)


class ClosingQuerySet(models.QuerySet[Row]):
    """Periods that were closed."""

    def of(self, period: Period) -> Self:
        """All closings of a period, the last one first, re-opened ones too."""
        return self.filter(kind=period.kind, starts_on=period.start, ends_on=period.end)

    def standing(self) -> Self:
        """Those not re-opened."""
        return self.filter(reopened_at__isnull=True)

    def done(self) -> Self:
        """Those of which it is stored what was known."""
        return self.filter(status="done")


class TrialQuerySet(models.QuerySet[Row]):
    """Trials of a nudge."""

    def visible_to(self, user: User) -> Self:
        """Administrators see them; to everybody else nobody's half may be known."""
        return self if user.is_active and user.is_admin else self.none()

    def standing(self) -> Self:
        """Those that were not stopped."""
        return self.filter(stopped_at__isnull=True)

    def overlapping(self, start: date, end: date) -> Self:
        """Those that run, or will, on a day of [start, end)."""
        return self.standing().filter(starts_on__lt=end, ends_on__gt=start)


class TrialMemberQuerySet(models.QuerySet[Row]):
    """People in trials."""

    def without_nudge(self, day: date) -> Self:
        """Those who on that day go without the nudge of their trial."""
        return self.filter(
            gets_nudge=False,
            trial__stopped_at__isnull=True,
            trial__starts_on__lte=day,
            trial__ends_on__gt=day,
        )

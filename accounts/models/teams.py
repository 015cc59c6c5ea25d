"""Teams as a tree, who leads them, and who belonged to them on which days."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.querysets import MembershipQuerySet, TeamQuerySet
from audit.models import Kind
from audit.recorded import Recorded
from foundation.changes import Changing
from foundation.dated import DatedRow
from foundation.external import ExternallyKnown

from .people import User


class TeamKind(models.TextChoices):
    SALES = "sales", _("Sales")
    PARTNER = "partner", _("Partner")


class Team(Recorded, ExternallyKnown):
    """A team of one reporting line. Its figures include those of the teams below it."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=TeamKind)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    leaders = models.ManyToManyField(User, blank=True, related_name="led_teams", verbose_name=_("leaders"))
    is_active = models.BooleanField(_("active"), default=True)

    recorded_as = Kind.RIGHTS
    objects = TeamQuerySet.as_manager()

    class Meta(ExternallyKnown.Meta):
        ordering = ["name", "id"]
        constraints = [
            *ExternallyKnown.Meta.constraints,
            models.CheckConstraint(condition=~models.Q(name=""), name="accounts_team_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(kind__in=TeamKind.values), name="accounts_team_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="accounts_team_is_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(Recorded, Changing, DatedRow):
    """The days on which a person belonged to a team: one team at a time."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")

    recorded_as = Kind.RIGHTS
    recorded_person = "user_id"
    objects = MembershipQuerySet.as_manager()

    class Meta(DatedRow.Meta):
        ordering = ["user", "starts_on"]
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(fields=["user", "starts_on"], name="accounts_membership_one_start_a_day"),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(ends_on__isnull=True),
                name="accounts_membership_one_open_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.team}"

    def recorded_label(self) -> str:
        """The team."""
        return str(self.team)

"""Months and quarters that were closed, and opened again."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apr.periods import Period, PeriodKind
from apr.querysets import ClosingQuerySet


class ClosingStatus(models.TextChoices):
    WAITING = "waiting", _("Being closed")
    DONE = "done", _("Closed")
    FAILED = "failed", _("Not closed")


class Closing(models.Model):
    """A month or quarter closed by somebody. One stands at a time; a re-opened one stays on record.

    `known_at` is the instant of the one state of the database from which all of it was stored. `tree` is the
    team above each team at that instant.
    """

    kind = models.CharField(max_length=7, choices=PeriodKind)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text=_("The first day after the period."))
    key = models.CharField(max_length=8)
    fiscal_first_month = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=7, choices=ClosingStatus, default=ClosingStatus.WAITING)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    known_at = models.DateTimeField(null=True, blank=True)
    tree = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True, default="")
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reopen_reason = models.CharField(max_length=300, blank=True, default="")

    objects = ClosingQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "kind", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "starts_on"],
                condition=models.Q(reopened_at__isnull=True),
                name="apr_closing_one_stands",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[PeriodKind.MONTH, PeriodKind.QUARTER]),
                name="apr_closing_of_a_month_or_quarter",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__lt=models.F("ends_on")), name="apr_closing_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="done") | models.Q(known_at__isnull=False),
                name="apr_closing_done_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(reopened_at__isnull=True) | ~models.Q(reopen_reason=""),
                name="apr_closing_reopened_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def period(self) -> Period:
        """The period as it was named when it was closed."""
        return Period(PeriodKind(self.kind), self.starts_on, self.ends_on, self.key, self.fiscal_first_month)

    def teams_below(self, team_id: int) -> frozenset[int]:
        """A team and all that stood below it then."""
        below, parents = {team_id}, {int(pk): parent for pk, parent in self.tree.items()}
        while found := {pk for pk, parent in parents.items() if parent in below} - below:
            below |= found
        return frozenset(below)

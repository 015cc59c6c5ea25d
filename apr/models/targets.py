"""What is expected of whom, from when, and why."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Team, User
from apr.periods import PeriodKind
from apr.querysets import TargetQuerySet
from audit.recorded import Recorded


class Metric(models.TextChoices):
    APR_POINTS = "apr_points", _("APR points")
    CATEGORY_POINTS = "category_points", _("Points in one category")
    ACTION_COUNT = "action_count", _("Number of actions of one type")
    WON_AMOUNT = "won_amount", _("Won amount")
    SOURCED_WON_AMOUNT = "sourced_won_amount", _("Sourced won amount")
    INFLUENCED_WON_AMOUNT = "influenced_won_amount", _("Influenced won amount")
    PIPELINE_CREATED = "pipeline_created", _("Pipeline created")
    WIN_RATE = "win_rate", _("Win rate")


class TargetScope(models.TextChoices):
    EACH = "each", _("For each person")
    TOTAL = "total", _("For the team's total")


class Target(Recorded):
    """A number expected per period from a day on; superseded by a later row, never overwritten.

    `value` is points, a count, minor units of the reporting currency, or (win rate) hundredths of a per cent.
    `metric_key` names the category or the action type where the metric is about one.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="targets")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="targets")
    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True, default="")
    scope = models.CharField(_("scope"), max_length=5, choices=TargetScope, default=TargetScope.EACH)
    metric = models.CharField(_("metric"), max_length=24, choices=Metric)
    metric_key = models.CharField(max_length=40, blank=True, default="")
    period_kind = models.CharField(_("per"), max_length=7, choices=PeriodKind)
    value = models.BigIntegerField(_("value"))
    effective_from = models.DateField(_("in force from"))
    why = models.CharField(_("why"), max_length=300)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    recorded_person = "user_id"
    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["metric", "metric_key", "effective_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, team__isnull=True, role="")
                | models.Q(user__isnull=True, team__isnull=False, role="")
                | (models.Q(user__isnull=True, team__isnull=True) & ~models.Q(role="")),
                name="apr_target_has_one_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(scope="each") | models.Q(team__isnull=False),
                name="apr_target_total_is_for_teams",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(metric__in=["category_points", "action_count"]) & ~models.Q(metric_key="")
                )
                | (~models.Q(metric__in=["category_points", "action_count"]) & models.Q(metric_key="")),
                name="apr_target_key_where_needed",
            ),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="apr_target_not_negative"),
            models.CheckConstraint(condition=~models.Q(why=""), name="apr_target_says_why"),
            models.CheckConstraint(
                condition=models.Q(metric__in=Metric.values), name="apr_target_metric_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(period_kind__in=PeriodKind.values), name="apr_target_period_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()}: {self.value} / {self.get_period_kind_display()}"

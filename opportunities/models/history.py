"""The dated history of a deal: which stages it went through and who was on it when."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.changes import Changing
from foundation.money import Money
from opportunities.querysets import AssignmentQuerySet, StageChangeQuerySet

from .funnels import LostReason, Stage, StageKind
from .opportunity import Opportunity


class StageChange(models.Model):
    """One step of a deal, with everything as it was then. Append-only.

    `effective_at` is when it was so, `recorded_at` when we learnt it. `expected_days` and
    `allowed_silence_days` are those of the stage entered, kept for the visit that begins here.
    """

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="stage_changes")
    from_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    from_stage_name = models.CharField(max_length=80, blank=True, default="")
    to_stage_name = models.CharField(max_length=80)
    to_kind = models.CharField(max_length=4, choices=StageKind)
    probability = models.PositiveSmallIntegerField()
    expected_days = models.PositiveSmallIntegerField(null=True, blank=True)
    allowed_silence_days = models.PositiveSmallIntegerField(null=True, blank=True)
    amount_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    expected_close_on = models.DateField(null=True, blank=True)
    effective_at = models.DateTimeField()
    effective_on = models.DateField(help_text=_("The date of effective_at at the organisation."))
    recorded_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lost_reason = models.ForeignKey(LostReason, on_delete=models.PROTECT, null=True, blank=True)
    note = models.TextField(blank=True, default="")
    criteria_met = models.JSONField(
        default=list, blank=True, help_text=_("Exit criteria of the stage left, and whether each was met.")
    )

    objects = StageChangeQuerySet.as_manager()

    class Meta:
        ordering = ["opportunity", "effective_at", "id"]
        indexes = [
            models.Index(fields=["opportunity", "effective_at", "id"], name="opportunities_change_in_order"),
            models.Index(fields=["effective_on", "to_kind"], name="opportunities_change_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage_name or '·'} → {self.to_stage_name}"

    @property
    def amount(self) -> Money | None:
        """The amount as it was, or None where it was not set."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)


class Capacity(models.TextChoices):
    """The hats that can be assigned to a deal."""

    ACCOUNT_EXECUTIVE = "account_executive", _("Account executive")
    PARTNER_MANAGER = "partner_manager", _("Partner manager")


class Assignment(Changing):
    """Who drove a deal, or stood beside it as partner manager, from when to when."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="assignments")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    capacity = models.CharField(max_length=20, choices=Capacity)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["opportunity", "capacity", "starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "capacity"],
                condition=models.Q(ends_at__isnull=True),
                name="opportunities_assignment_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="opportunities_assignment_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__in=Capacity.values),
                name="opportunities_assignment_capacity_is_known",
            ),
        ]
        indexes = [models.Index(fields=["user", "opportunity"], name="opportunities_assigned_to")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_capacity_display()}"

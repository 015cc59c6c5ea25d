"""What stands in a deal's way, and what people promised each other about it."""

from datetime import date

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.recorded import Recorded
from foundation.changes import Changing
from opportunities.querysets import CommitmentQuerySet, ObstacleQuerySet
from partners.models import Partner

from .opportunity import Opportunity


class ObstacleKind(Recorded):
    """A kind of obstacle, from the admin's list."""

    name = models.CharField(_("kind"), max_length=80, unique=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Obstacle(Changing):
    """Something that blocks a deal until somebody clears it."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="obstacles")
    kind = models.ForeignKey(ObstacleKind, on_delete=models.PROTECT, null=True, blank=True)
    description = models.CharField(_("what blocks the deal"), max_length=300)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="obstacles_raised")
    raised_at = models.DateTimeField(default=timezone.now)
    needs_partner = models.BooleanField(_("needs the partner"), default=False)
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="obstacles"
    )
    assigned_to = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="obstacles_to_clear"
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="obstacles_cleared"
    )
    cleared_with = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="obstacles_cleared"
    )
    resolution = models.TextField(_("how it was cleared"), blank=True, default="")

    objects = ObstacleQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cleared_at__isnull=True, cleared_by__isnull=True)
                | models.Q(cleared_at__isnull=False, cleared_by__isnull=False),
                name="opportunities_obstacle_cleared_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(cleared_at__isnull=True) | models.Q(cleared_at__gte=models.F("raised_at")),
                name="opportunities_obstacle_cleared_after_raised",
            ),
            models.CheckConstraint(
                condition=models.Q(cleared_with__isnull=True) | models.Q(cleared_at__isnull=False),
                name="opportunities_obstacle_cleared_with_a_partner",
            ),
        ]

    def __str__(self) -> str:
        return self.description


class CommitmentOutcome(models.TextChoices):
    OPEN = "open", _("Open")
    KEPT = "kept", _("Kept")
    LATE = "late", _("Late")
    BROKEN = "broken", _("Broken")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Commitment(Changing):
    """A promise by a date, to a colleague or to the deal; the owner's nearest open one is the next step."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="commitments")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="commitments_made")
    made_to = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="commitments_received"
    )
    text = models.CharField(_("promise"), max_length=300)
    due_on = models.DateField(_("due"))
    made_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=CommitmentOutcome, default=CommitmentOutcome.OPEN)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="open", settled_at__isnull=True)
                | (~models.Q(outcome="open") & models.Q(settled_at__isnull=False)),
                name="opportunities_commitment_settled_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(made_to__isnull=True) | ~models.Q(made_to=models.F("made_by")),
                name="opportunities_commitment_to_somebody_else",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=CommitmentOutcome.values),
                name="opportunities_commitment_outcome_is_known",
            ),
        ]
        indexes = [models.Index(fields=["made_by", "outcome", "due_on"], name="opportunities_promises_due")]

    def __str__(self) -> str:
        return self.text

    def is_overdue(self, today: date) -> bool:
        """Whether the promise is open past its date."""
        return self.outcome == CommitmentOutcome.OPEN and self.due_on < today

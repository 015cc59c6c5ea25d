"""A deal that a partner manager brought and offers to an account executive."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.changes import Changing
from opportunities.querysets import HandOverQuerySet
from partners.models import Partner

from .opportunity import Opportunity


class HandOverOutcome(models.TextChoices):
    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class HandOver(Changing):
    """An offer of a deal through a partner: accepted, returned with a reason, or withdrawn.

    `offered_by` and `offered_to` are the two; `recorded_by` and `answered_by` are who pressed the button,
    which may be somebody who leads them. `due_on` is the last day for the answer.
    """

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="hand_overs")
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="hand_overs", verbose_name=_("through")
    )
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="hand_overs_offered")
    offered_to = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="hand_overs_received", verbose_name=_("offered to")
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("what they should know"), max_length=500, blank=True, default="")
    offered_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(_("answer by"))
    outcome = models.CharField(max_length=10, choices=HandOverOutcome, default=HandOverOutcome.OPEN)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("why it was returned"), max_length=300, blank=True, default="")

    objects = HandOverQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=models.Q(outcome="open"),
                name="opportunities_handover_one_open",
                violation_error_message=_("This deal is offered to somebody already."),
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=HandOverOutcome.values),
                name="opportunities_handover_outcome_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="open", answered_at__isnull=True, answered_by__isnull=True)
                | (
                    ~models.Q(outcome="open") & models.Q(answered_at__isnull=False, answered_by__isnull=False)
                ),
                name="opportunities_handover_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="returned") & ~models.Q(reason="")
                | ~models.Q(outcome="returned") & models.Q(reason=""),
                name="opportunities_handover_returned_with_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True)
                | models.Q(answered_at__gte=models.F("offered_at")),
                name="opportunities_handover_answered_after_offered",
            ),
            # The one who offers does not answer for the other, whomever they lead.
            models.CheckConstraint(
                condition=~models.Q(outcome__in=["accepted", "returned"])
                | ~models.Q(answered_by=models.F("offered_by"))
                | models.Q(offered_to=models.F("offered_by")),
                name="opportunities_handover_nobody_accepts_their_own",
            ),
        ]
        indexes = [models.Index(fields=["offered_to", "opportunity"], name="opportunities_handed_to")]

    def __str__(self) -> str:
        return f"{self.opportunity} → {self.offered_to}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered yet."""
        return self.outcome == HandOverOutcome.OPEN

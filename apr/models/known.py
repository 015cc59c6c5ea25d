"""What was known of a closed period. Written once and never changed.

No constraint ties it to actions and deals, so that it stays whatever becomes of them.
"""

from django.db import models

from accounts.models import Team, User
from opportunities.models import Opportunity

from .actions import Action, ActionType, Confirmation
from .closing import Closing
from .rollup import CreditKind, derived


class KnownScorecard(models.Model):
    """The figures of a person, a team or (neither) the organisation, as `apr.closing.figures` writes them."""

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="scorecards")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    figures = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["closing", "user"], name="apr_knownscorecard_one_a_person"),
            models.UniqueConstraint(fields=["closing", "team"], name="apr_knownscorecard_one_a_team"),
            models.UniqueConstraint(
                fields=["closing"],
                condition=models.Q(user__isnull=True, team__isnull=True),
                name="apr_knownscorecard_one_of_all",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) | models.Q(team__isnull=True),
                name="apr_knownscorecard_has_one_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.closing}: {self.user or self.team or ''}"


class KnownAction(models.Model):
    """An action that counted, and what it added to the figures. `team_id` is 0 on days without a team."""

    pk = models.CompositePrimaryKey("closing_id", "action_id")
    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="actions", db_index=False)
    action = derived(Action)
    user = derived(User)
    day = models.DateField()
    team = derived(Team)
    action_type = derived(ActionType)
    confirmation = models.CharField(max_length=10, choices=Confirmation)
    raw = models.IntegerField()
    counted = models.IntegerField()
    confirmed = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["closing", "user"], name="apr_knownaction_by_user"),
            models.Index(fields=["closing", "team"], name="apr_knownaction_by_team"),
        ]

    def __str__(self) -> str:
        return f"{self.action_id}: {self.counted}"


class KnownCredit(models.Model):
    """A deal in somebody's figures. `minor` is what it added, in the reporting currency of then; empty where
    there was no amount or no rate. `team_id` is that of the day, 0 without one."""

    pk = models.CompositePrimaryKey("closing_id", "opportunity_id", "kind")
    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="credits", db_index=False)
    opportunity = derived(Opportunity)
    kind = models.CharField(max_length=14, choices=CreditKind)
    user = derived(User)
    team = derived(Team)
    day = models.DateField()
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["closing", "user"], name="apr_knowncredit_by_user"),
            models.Index(fields=["closing", "team"], name="apr_knowncredit_by_team"),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id}, {self.kind}: {self.minor}"


class KnownPair(models.Model):
    """The joint scorecard of two people: `components` as numerator and denominator by key, scores as
    fractions, empty where there was too little to judge. `rows` are those of each component by key, as
    `apr.closing.pair_rows` writes them; of periods closed before rows were kept there are none."""

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="pairs")
    partner_manager = derived(User)
    account_executive = derived(User)
    components = models.JSONField()
    rows = models.JSONField(null=True)
    pm_side = models.CharField(max_length=80, blank=True, default="")
    ae_side = models.CharField(max_length=80, blank=True, default="")
    score = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["closing", "partner_manager", "account_executive"], name="apr_knownpair_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner_manager_id}, {self.account_executive_id}: {self.score}"

"""What lists of joint scorecards are read from, and the marks that say where it is out of date."""

from django.db import models

from accounts.models import User
from apr.periods import PeriodKind
from opportunities.models import Opportunity

from .rollup import StaleMark, derived


class StaleJoint(StaleMark):
    """A deal: what it adds to joint scorecards."""

    opportunity_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.opportunity_id)


class JointReckoning(models.Model):
    """On which day a deal was reckoned for joint scorecards, and until when that holds if nobody writes.

    `valid_until` is the first day on which the facts may be others by the passing of time alone: the next day
    while anything about the deal still runs, None once nothing does.
    """

    opportunity = models.OneToOneField(
        Opportunity, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    reckoned_on = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["valid_until"], name="apr_jointreckoning_until")]

    def __str__(self) -> str:
        return f"{self.opportunity_id}: {self.reckoned_on}"


class JointFact(models.Model):
    """What a deal adds to the joint scorecard of a pair in a period: `apr.joint.facts`. The sum over the
    deals is the pair's. A row that holds only promises may name the two the wrong way round."""

    pk = models.CompositePrimaryKey("opportunity_id", "unit", "starts_on", "pm_id", "ae_id")
    opportunity = derived(Opportunity)
    unit = models.CharField(max_length=7, choices=PeriodKind)
    starts_on = models.DateField()
    pm = derived(User)
    ae = derived(User)
    shared = models.IntegerField(default=0)
    won = models.IntegerField(default=0)
    lost = models.IntegerField(default=0)
    involvement_done = models.IntegerField(default=0)
    involvement_counted = models.IntegerField(default=0)
    at_the_ink_done = models.IntegerField(default=0)
    at_the_ink_counted = models.IntegerField(default=0)
    obstacles_done = models.IntegerField(default=0)
    obstacles_counted = models.IntegerField(default=0)
    pm_commitments_done = models.IntegerField(default=0)
    pm_commitments_counted = models.IntegerField(default=0)
    documented_done = models.IntegerField(default=0)
    documented_counted = models.IntegerField(default=0)
    moving_done = models.IntegerField(default=0)
    moving_counted = models.IntegerField(default=0)
    obstacles_raised_in_time_done = models.IntegerField(default=0)
    obstacles_raised_in_time_counted = models.IntegerField(default=0)
    follow_through_done = models.IntegerField(default=0)
    follow_through_counted = models.IntegerField(default=0)
    ae_commitments_done = models.IntegerField(default=0)
    ae_commitments_counted = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["unit", "starts_on", "pm", "ae"], name="apr_jointfact_by_period")]

    def __str__(self) -> str:
        return f"{self.pm_id}, {self.ae_id}, {self.unit} {self.starts_on}: {self.opportunity_id}"


class CoachingTally(models.Model):
    """How many coaching sessions that count somebody held with a colleague on a day."""

    pk = models.CompositePrimaryKey("user_id", "day", "counterpart_id")
    user = derived(User)
    day = models.DateField()
    counterpart = derived(User)
    count = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="apr_coachingtally_by_day")]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.counterpart_id}, {self.day}: {self.count}"

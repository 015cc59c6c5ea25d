"""What scorecards are read from, and the marks that say where it is out of date.

Tallies, scores and credits can all be made again from the source; no constraint ties them to it, so that a
write to a source table never waits for them.
"""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from opportunities.models import Opportunity

from .actions import ActionType

# Work is shared out by person and by deal. One shard more digests the marks that concern many.
SHARDS = 16
WIDE_SHARD = SHARDS


def derived(to: type[models.Model], *, null: bool = False) -> "models.ForeignKey[Any, Any]":
    """A reference that the database does not enforce."""
    return models.ForeignKey(
        to, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", null=null
    )


class Shard(models.Model):
    """A row to lock: whoever holds it is the only one to recompute what belongs to it."""

    number = models.PositiveSmallIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.number)


class StaleMark(models.Model):
    """Something stored no longer follows from the source. Triggers append marks, the drain deletes them.

    There is no unique key on purpose: a mark that waits must never swallow one for a later change.
    """

    shard = models.PositiveSmallIntegerField()
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["shard"], name="apr_%(class)s_by_shard")]


class StaleDay(StaleMark):
    """A person's day: its tallies and the scores above it."""

    user_id = models.BigIntegerField()
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.day}"


class StaleDeal(StaleMark):
    """A deal: who is credited with it."""

    opportunity_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.opportunity_id)


class StaleScore(StaleMark):
    """A person's scores on the days [starts_on, ends_on); their tallies still hold."""

    user_id = models.BigIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.starts_on} – {self.ends_on}"


class WideReason(models.TextChoices):
    """What changed for many at once."""

    POINTS = "points", "a point rule, from a day on"
    CATEGORY = "category", "the category of an action type, and so which of its actions count"
    RATE = "rate", "an exchange rate, from a day on"
    CALENDAR = "calendar", "working days, the time zone or the fiscal year"
    ABSENCE = "absence", "when somebody is away"
    CURRENCY = "currency", "the reporting currency"
    EVERYTHING = "everything", "triggers were missing, so that anything may have changed"


class StaleWide(StaleMark):
    """A change that concerns many people or deals; the drain turns it into their marks."""

    reason = models.CharField(max_length=10, choices=WideReason)
    key = models.CharField(max_length=20, default="")
    starts_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.reason} {self.key}"


class DayTally(models.Model):
    """How many actions of a type that count somebody did on a day. Counts, never points."""

    pk = models.CompositePrimaryKey("user_id", "day", "action_type_id")
    user = derived(User)
    day = models.DateField()
    action_type = derived(ActionType)
    count = models.IntegerField()
    disputed = models.IntegerField()
    confirmed = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.user_id}, {self.day}: {self.count}"


class ScoreUnit(models.TextChoices):
    """The periods for which scores are stored; quarters and years are made of months."""

    WEEK = "week", _("Week")
    MONTH = "month", _("Month")


class PeriodScore(models.Model):
    """Points of one person, while in one team, from one action type, in a week or a month.

    The sum over the teams is the person's score, the sum over the people a team's. `team_id` is 0 on days
    without a team.
    """

    pk = models.CompositePrimaryKey("user_id", "unit", "starts_on", "team_id", "action_type_id")
    user = derived(User)
    unit = models.CharField(max_length=5, choices=ScoreUnit)
    starts_on = models.DateField()
    team = derived(Team)
    action_type = derived(ActionType)
    count = models.IntegerField()
    raw = models.IntegerField()
    counted = models.IntegerField()
    confirmed = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["unit", "starts_on"], name="apr_periodscore_by_start")]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.unit} {self.starts_on}: {self.counted}"


class CreditKind(models.TextChoices):
    """For what a deal stands in somebody's figures: the first three for the account executive."""

    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    CREATED = "created", _("Created")
    SOURCED_WON = "sourced_won", _("Won, sourced by a partner")
    INFLUENCED_WON = "influenced_won", _("Won, influenced by a partner")
    SUPPORTED_WON = "supported_won", _("Won, without a partner")
    SUPPORTED_LOST = "supported_lost", _("Lost with a partner manager")
    BROUGHT = "brought", _("Created, sourced by a partner")


class DealCredit(models.Model):
    """A deal in somebody's figures: what `apr.rollup.credits` makes of it.

    `colleague` is, for a partner manager, the account executive who is credited with the same deal.
    `priced_on` is the day whose exchange rate holds, empty while the deal is open (today's does).
    `reporting_minor` is the amount in the reporting currency; empty for an open deal in another currency,
    and where there is no amount or no rate.
    """

    pk = models.CompositePrimaryKey("opportunity_id", "kind")
    opportunity = derived(Opportunity)
    kind = models.CharField(max_length=14, choices=CreditKind)
    user = derived(User)
    colleague = derived(User, null=True)
    day = models.DateField()
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    priced_on = models.DateField(null=True)
    reporting_minor = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "day"], name="apr_dealcredit_by_user_day"),
            models.Index(fields=["day"], name="apr_dealcredit_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.kind}: {self.opportunity_id}"


class Audit(models.Model):
    """One comparison of all that is stored with its source, in one snapshot."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(default=timezone.now)
    checked = models.BigIntegerField()
    differences = models.BigIntegerField()
    examples = models.JSONField(default=list)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.differences}"

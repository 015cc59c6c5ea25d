"""Trials of a nudge: half of the people get it, and what was declared beforehand is compared at the end."""

from datetime import date, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from apr.models.notifications import NudgeKind
from apr.querysets import TrialMemberQuerySet, TrialQuerySet

# Told to one person alone. Of the others both people on a deal are told, who can be in different halves.
TRIABLE = (NudgeKind.CLOSE_ALONE, NudgeKind.CONFIRM, NudgeKind.TARGET)
LATE_ENTRIES = timedelta(days=7)  # what is logged so much later still counts


class TrialMeasure(models.TextChoices):
    """What a trial can be decided by: things that people do by themselves, whatever the other half does."""

    POINTS = "points", _("Counted points")
    PROMISES = "promises", _("Promises kept in time")
    ANSWERS = "answers", _("Colleagues’ entries answered")


class Trial(models.Model):
    """One trial, with all that was stated before it began. Of these columns none is changed afterwards.

    `drawn` is a digest of the halves, also kept in the audit log: no result is given of halves that are not
    those drawn. `expected` is the mean of the measure in as many days before, `smallest` the difference that
    the trial could show, as they were told on the day it was started; both in a week, empty where nothing was
    done.
    """

    kind = models.CharField(_("nudge"), max_length=20, choices=[(kind, kind.label) for kind in TRIABLE])
    measure = models.CharField(_("measure"), max_length=10, choices=TrialMeasure)
    teams = models.ManyToManyField(Team, related_name="+", verbose_name=_("teams"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), help_text=_("The first day after it."))
    seed = models.BigIntegerField()
    version = models.CharField(max_length=20)
    drawn = models.CharField(max_length=64)
    expected = models.FloatField(null=True, blank=True)
    smallest = models.FloatField(null=True, blank=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=300, blank=True, default="")

    objects = TrialQuerySet.as_manager()

    class Meta:
        verbose_name = _("trial of a nudge")
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on__lt=models.F("ends_on")), name="apr_trial_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[str(kind) for kind in TRIABLE]),
                name="apr_trial_of_a_kind_told_to_one",
            ),
            models.CheckConstraint(
                condition=models.Q(measure__in=TrialMeasure.values), name="apr_trial_measure_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(stopped_at__isnull=True, stopped_by__isnull=True, stop_reason="")
                | (models.Q(stopped_at__isnull=False, stopped_by__isnull=False) & ~models.Q(stop_reason="")),
                name="apr_trial_stopped_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.starts_on}"

    @property
    def last_day(self) -> date:
        """The last of the days on which half of the people go without the nudge, if nobody stops it."""
        return self.ends_on - timedelta(days=1)

    @property
    def counted_on(self) -> date:
        """The day from which on the result can be computed."""
        return self.ends_on + LATE_ENTRIES

    @property
    def is_stopped(self) -> bool:
        """Whether it was ended early, so that no verdict is given."""
        return self.stopped_at is not None


class TrialMember(models.Model):
    """A person in a trial and their half. Made with the trial, and never changed.

    `team` is theirs on the day on which it starts, `stratum` the group within which the halves were drawn.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    stratum = models.PositiveIntegerField()
    gets_nudge = models.BooleanField()

    objects = TrialMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("person in a trial")
        ordering = ["trial", "stratum", "person"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "person"], name="apr_trialmember_once"),
        ]

    def __str__(self) -> str:
        return f"{self.trial_id}: {self.person_id}"


class TrialResult(models.Model):
    """What came of a trial: computed once, after its end, and kept. `values` is by person (key)."""

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="result")
    computed_at = models.DateTimeField(default=timezone.now)
    version = models.CharField(max_length=20)
    problem = models.CharField(max_length=20, blank=True, default="")
    findings = models.JSONField(default=dict)
    values = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("result of a trial")

    def __str__(self) -> str:
        return str(self.trial_id)

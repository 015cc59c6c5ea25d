"""What came of looking for evidence, as it was computed; made again from the source whenever that changed."""

from django.db import models

from accounts.models import Team


class EvidenceReport(models.Model):
    """The study of one team, or of the whole organisation (`team_id` 0). Overwritten by the next one.

    `digest` is a hash of all that was read and `version` that of the code: with both the same, so is the
    result. `findings` are the figures; `rows` the keys of the deals behind each of them.
    `forecast` is the outlook of the current quarter with its backtest, made anew each day.
    """

    team = models.OneToOneField(Team, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    checked_on = models.DateField()
    computed_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    version = models.CharField(max_length=20)
    seconds = models.FloatField()
    findings = models.JSONField()
    rows = models.JSONField()
    forecast = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="apr_evidence_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id}: {self.starts_on} – {self.ends_on}"

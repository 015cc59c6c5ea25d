"""Files that were brought in: what became of each, kept in the database so that any worker can go on."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.dated import Row


class ImportStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting to be checked")
    ASKING = "asking", _("Waiting for your answers")
    READY = "ready", _("Checked, waiting for your word")
    REFUSED = "refused", _("Refused")
    RUNNING = "running", _("Being brought in")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class Outcome(models.TextChoices):
    """What bringing a line in does."""

    REFUSED = "refused", _("Refused")
    MADE = "made", _("Made")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("The same already")


# A worker has, or will soon have, something to do with these.
MOVING = (ImportStatus.WAITING, ImportStatus.RUNNING)


class ImportRunQuerySet(models.QuerySet[Row]):
    """Runs."""

    def visible_to(self, user: User) -> Self:
        """Administrators bring data in, so they see all runs; nobody else does."""
        return self if user.is_active and user.is_admin else self.none()

    def for_a_worker(self) -> Self:
        """Runs with something to do that no living worker holds, oldest first."""
        free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=timezone.now())
        return self.filter(free, status__in=MOVING).order_by("pk")


class ImportRun(models.Model):
    """One file on its way in. `rows_done` moves with each batch, in the transaction of that batch."""

    kind = models.CharField(_("what"), max_length=20)
    preset = models.CharField(_("columns of"), max_length=20)
    currency = models.CharField(_("currency"), max_length=3)
    file_name = models.CharField(_("file"), max_length=200)
    status = models.CharField(max_length=10, choices=ImportStatus, default=ImportStatus.WAITING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True)
    choices = models.JSONField(default=dict, blank=True, help_text=_("What a person decided about the file."))
    survey = models.JSONField(
        default=dict, blank=True, help_text=_("What a first reading of the file found.")
    )
    note = models.TextField(blank=True, default="")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=ImportStatus.values), name="exchange_importrun_status_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_status_display()})"

    @property
    def is_moving(self) -> bool:
        """Whether a worker has, or will soon have, something to do with it."""
        return self.status in MOVING


class ImportFile(models.Model):
    """The bytes of a run's file, apart from the run, so that lists of runs stay light."""

    run = models.OneToOneField(ImportRun, on_delete=models.CASCADE, related_name="file")
    content = models.BinaryField()
    history = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return f"{self.run_id}"


class ImportLine(models.Model):
    """What becomes of one line of a file; the cells are kept of refused lines only, to be given back."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    name = models.CharField(max_length=200, blank=True, default="")
    problems = models.JSONField(default=list, blank=True)
    cells = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["run", "line"]
        constraints = [
            models.UniqueConstraint(fields=["run", "line"], name="exchange_importline_once"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=Outcome.values), name="exchange_importline_outcome_is_known"
            ),
        ]
        indexes = [models.Index(fields=["run", "outcome", "line"], name="exchange_importline_outcome")]

    def __str__(self) -> str:
        return f"{self.run_id}, {self.line}: {self.outcome}"


class ImportMapping(models.Model):
    """What a person decided about files with this header, for the next one."""

    kind = models.CharField(max_length=20)
    header = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    choices = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "header"], name="exchange_importmapping_one_a_header")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(self.columns[:4])}"

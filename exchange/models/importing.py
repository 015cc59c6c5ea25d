"""Files that were brought in: what became of each, kept in the database so that any worker can go on."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.dated import Row


class ImportStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting to be checked")
    READY = "ready", _("Checked, waiting for your word")
    REFUSED = "refused", _("Refused")
    RUNNING = "running", _("Being brought in")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class ImportRunQuerySet(models.QuerySet[Row]):
    """Runs."""

    def visible_to(self, user: User) -> Self:
        """Administrators bring data in, so they see all runs; nobody else does."""
        return self if user.is_active and user.is_admin else self.none()

    def for_a_worker(self) -> Self:
        """Runs with something to do that no living worker holds, oldest first."""
        free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=timezone.now())
        return self.filter(free, status__in=[ImportStatus.WAITING, ImportStatus.RUNNING]).order_by("pk")


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
    problems = models.JSONField(default=list, blank=True)
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
        return self.status in (ImportStatus.WAITING, ImportStatus.RUNNING)


class ImportFile(models.Model):
    """The bytes of a run's file, apart from the run, so that lists of runs stay light."""

    run = models.OneToOneField(ImportRun, on_delete=models.CASCADE, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.run_id}"

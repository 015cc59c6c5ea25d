"""Funnels, their stages, and the reasons for which deals are lost. Retired, never deleted."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.recorded import Recorded


class Funnel(Recorded):
    """A way that deals go, as a list of stages."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_default = models.BooleanField(_("default"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="opportunities_funnel_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.name


class StageKind(models.TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class ForecastCategory(models.TextChoices):
    PIPELINE = "pipeline", _("Pipeline")
    BEST_CASE = "best_case", _("Best case")
    COMMIT = "commit", _("Commit")
    CLOSED = "closed", _("Closed")
    OMITTED = "omitted", _("Omitted")


class Stage(Recorded):
    """A step of a funnel. Past visits keep the expected days and silence that held when they began."""

    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="stages")
    name = models.CharField(_("stage"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=4, choices=StageKind, default=StageKind.OPEN)
    probability = models.PositiveSmallIntegerField(
        _("probability"), validators=[MaxValueValidator(100)], help_text=_("Per cent.")
    )
    forecast_category = models.CharField(
        _("forecast category"), max_length=10, choices=ForecastCategory, default=ForecastCategory.PIPELINE
    )
    expected_days = models.PositiveSmallIntegerField(
        _("expected days"), null=True, blank=True, help_text=_("Working days a deal should stay at most.")
    )
    allowed_silence_days = models.PositiveSmallIntegerField(
        _("allowed silence"), null=True, blank=True, help_text=_("Working days without an action at most.")
    )
    exit_criteria = models.TextField(
        _("exit criteria"),
        blank=True,
        default="",
        help_text=_("What must hold before a deal leaves, one a line."),
    )
    guidance = models.TextField(_("guidance"), blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["funnel", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["funnel", "name"],
                condition=models.Q(is_active=True),
                name="opportunities_stage_name_once_per_funnel",
            ),
            models.CheckConstraint(
                condition=models.Q(probability__lte=100), name="opportunities_stage_probability_is_percent"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=StageKind.values), name="opportunities_stage_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def criteria(self) -> list[str]:
        """The exit criteria, one string each."""
        return [line.strip() for line in self.exit_criteria.splitlines() if line.strip()]


class LostReason(Recorded):
    """Why a deal was lost, from the admin's list."""

    name = models.CharField(_("reason"), max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

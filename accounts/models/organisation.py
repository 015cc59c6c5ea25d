"""The one organisation that this installation serves, its calendar and its exchange rates."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets import AbsenceQuerySet
from audit.models import Kind
from audit.recorded import Recorded
from foundation.dated import DatedRow
from foundation.once import once

from .people import User, validate_time_zone

RATE_SCALE = 10**9


class Organisation(Recorded):
    """Settings that rule every figure. There is exactly one row."""

    name = models.CharField(_("name"), max_length=120, default="PartnerHub")
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    fiscal_first_month = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    working_week = models.CharField(
        _("working week"),
        max_length=7,
        default="01234",
        help_text=_("Working weekdays as digits, Monday is 0."),
    )
    holiday_country = models.CharField(_("holiday calendar"), max_length=2, blank=True, default="")
    holiday_subdivision = models.CharField(_("region of the calendar"), max_length=10, blank=True, default="")
    reporting_currency = models.CharField(_("reporting currency"), max_length=3, default="EUR")
    on_track_percent = models.PositiveSmallIntegerField(_("on track from"), default=100)
    at_risk_percent = models.PositiveSmallIntegerField(_("at risk from"), default=80)
    silence_days = models.PositiveSmallIntegerField(
        _("silence shown after"),
        default=10,
        help_text=_("Working days without a partner manager after which a deal counts as quiet."),
    )
    pipeline_is_open = models.BooleanField(
        _("open pipeline"), default=False, help_text=_("Everybody sees all deals and partners, not scores.")
    )

    class Meta:
        verbose_name = _("organisation")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="accounts_organisation_is_one"),
            models.CheckConstraint(
                condition=models.Q(fiscal_first_month__range=(1, 12)),
                name="accounts_organisation_fiscal_month_is_a_month",
            ),
            models.CheckConstraint(
                condition=models.Q(at_risk_percent__lte=models.F("on_track_percent")),
                name="accounts_organisation_thresholds_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(working_week=""), name="accounts_organisation_works_some_day"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Organisation":
        """The organisation; made with defaults where a fresh database has none yet."""
        return once("organisation", cls._read)

    @classmethod
    def _read(cls) -> "Organisation":
        return cls.objects.filter(pk=1).first() or cls.objects.get_or_create(pk=1)[0]

    @property
    def tzinfo(self) -> ZoneInfo:
        """The time zone by which teams and closes are dated."""
        return ZoneInfo(self.time_zone)

    def today(self) -> date:
        """The date at the organisation."""
        return timezone.localdate(timezone=self.tzinfo)

    @property
    def working_weekdays(self) -> frozenset[int]:
        """Working weekdays, Monday is 0."""
        return frozenset(int(digit) for digit in self.working_week)


class Holiday(Recorded):
    """A day on which nobody is expected to work; from the country's calendar or added by an admin."""

    date = models.DateField(_("date"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    from_calendar = models.BooleanField(_("from the country's calendar"), default=False)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date}: {self.name}"


class Absence(Recorded, DatedRow):
    """Days on which nothing is expected of a person."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")

    recorded_as = Kind.RIGHTS
    recorded_person = "user_id"
    objects = AbsenceQuerySet.as_manager()

    class Meta(DatedRow.Meta):
        ordering = ["user", "starts_on"]
        constraints = [*DatedRow.Meta.constraints]

    def __str__(self) -> str:
        return f"{self.user}: {self.starts_on} – {self.ends_on}"

    def recorded_label(self) -> str:
        """The days."""
        return f"{self.starts_on} – {self.ends_on}"


class ExchangeRate(Recorded):
    """How much of the reporting currency one unit of another is worth, from a day on."""

    currency = models.CharField(_("currency"), max_length=3)
    reporting_currency = models.CharField(_("reporting currency"), max_length=3)
    effective_from = models.DateField(_("from"))
    # Whole numbers, because both databases keep them exactly: the rate times 10**9.
    rate_nano = models.BigIntegerField(_("rate × 10⁹"), validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["currency", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "reporting_currency", "effective_from"],
                name="accounts_exchangerate_one_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(rate_nano__gt=0), name="accounts_exchangerate_is_positive"
            ),
            models.CheckConstraint(
                condition=~models.Q(currency=models.F("reporting_currency")),
                name="accounts_exchangerate_is_between_two",
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate} {self.reporting_currency}"

    @property
    def rate(self) -> Decimal:
        """Units of the reporting currency for one unit of the currency."""
        return Decimal(self.rate_nano) / RATE_SCALE

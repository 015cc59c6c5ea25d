"""History as dated rows: what was so from a day on, until a day (exclusive), or still is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.errors import InvalidInput

# The days that somebody can mean; others, such as in the years 0001 or 9999, are typing errors.
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
WHEN = _("Write a day between 1990 and 2199.")


def check_day(day: date, field: str) -> None:
    """Refuse a day that nobody can mean (InvalidInput)."""
    if not EARLIEST <= day <= LATEST:
        raise InvalidInput(WHEN, field=field)


@dataclass(frozen=True)
class DateRange:
    """The days from `start` up to and not including `end`; without an end it lasts for ever."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"a range cannot end ({self.end}) before it starts ({self.start})")

    def contains(self, day: date) -> bool:
        """Whether the day is one of its days."""
        return self.start <= day and (self.end is None or day < self.end)

    def overlap(self, other: "DateRange") -> "DateRange | None":
        """The days that both have, or None when there are none."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends, default=None)
        return DateRange(start, end) if end is None or start < end else None

    def days(self) -> list[date]:
        """Each day in order; a range without an end has no list of days (ValueError)."""
        if self.end is None:
            raise ValueError("a range without an end has no last day")
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days)]


def clip(ranges: Iterable[DateRange], within: DateRange) -> list[DateRange]:
    """What the ranges have within another, in their order; those outside are left out."""
    return [shared for one in ranges if (shared := one.overlap(within)) is not None]


Row = TypeVar("Row", bound=models.Model)


class DatedQuerySet(models.QuerySet[Row]):
    """Rows with `starts_on` and an exclusive `ends_on`."""

    def on(self, day: date) -> Self:
        """The rows in force on that day."""
        return self.filter(_not_ended_by(day), starts_on__lte=day)

    def overlapping(self, start: date, end: date | None) -> Self:
        """The rows in force on at least one day of [start, end); `end=None` means from `start` on."""
        rows = self.filter(_not_ended_by(start))
        if end is None:
            return rows
        return rows.filter(starts_on__lt=end) if start < end else self.none()


def _not_ended_by(day: date) -> Q:
    return Q(ends_on__isnull=True) | Q(ends_on__gt=day)


class DatedRow(models.Model):
    """A fact with its days. A model with a `Meta` of its own inherits from `DatedRow.Meta` and adds
    to `constraints`, so that no row ends before it has begun."""

    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="%(app_label)s_%(class)s_ends_after_start",
                violation_error_message=_("The end must come after the start."),
            )
        ]

    @property
    def dates(self) -> DateRange:
        """The days on which this holds."""
        return DateRange(self.starts_on, self.ends_on)

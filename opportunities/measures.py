"""What deals are measured by today: working days, thresholds and rates, the same for list, board and page."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

from django.db.models import Case, DecimalField, F, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.calendar import WorkingCalendar
from accounts.calendars import organisation_calendar
from accounts.models import Organisation
from accounts.rates import Rates
from foundation.money import Money, currency_digits
from opportunities.models import Obstacle, Opportunity
from opportunities.querysets import open_by, seen_by_partner_manager_since

EXACT: DecimalField[Any, Any] = DecimalField(max_digits=38, decimal_places=12)


@dataclass(frozen=True)
class Measures:
    """Today at the organisation, with the calendar and the rates by which it counts."""

    organisation: Organisation
    calendar: WorkingCalendar
    today: date
    rates: Rates

    @classmethod
    def now(cls) -> Self:
        """By the settings as they stand. Two queries; the rates are read when one is needed."""
        organisation = Organisation.current()
        rates = Rates(organisation.reporting_currency)
        return cls(organisation, organisation_calendar(organisation), organisation.today(), rates)

    # --- time -----------------------------------------------------------------------------------

    def days_in_stage(self, deal: Opportunity) -> int:
        """Whole working days that a deal has spent in its stage: from the day it came until yesterday."""
        entered = timezone.localdate(deal.stage_entered_at, self.organisation.tzinfo)
        return self.calendar.working_days(entered, self.today)

    def days_open(self, obstacle: Obstacle) -> int:
        """Whole working days from the day an obstacle was raised until it was cleared, or yesterday."""
        zone, end = self.organisation.tzinfo, self.today
        if obstacle.cleared_at is not None:
            end = timezone.localdate(obstacle.cleared_at, zone)
        return self.calendar.working_days(timezone.localdate(obstacle.raised_at, zone), end)

    @cached_property
    def quiet_since(self) -> date:
        """A deal is quiet when its partner manager did nothing on this day or later."""
        return self.days_ago(self.organisation.silence_days)

    def days_ago(self, days: int) -> date:
        """The last day from which more than `days` whole working days have passed before today."""
        return self.calendar.nth_working_day_before(self.today, days + 1)

    def is_quiet(self) -> Q:
        """Open deals with a partner manager who has been silent for more than the organisation allows."""
        seen = Q()
        for since in seen_by_partner_manager_since:
            seen |= since(self.quiet_since)
        silent = Q(status="open", partner_manager__isnull=False) & open_by(self.quiet_since)
        return silent & ~seen if seen else silent

    def is_over(self, expected: set[int]) -> Q:
        """Open deals longer in their stage than expected; `expected` holds all the figures there are.

        Needs `expected_days` (with_visit). One comparison for each figure, because working days are not
        counted by the database.
        """
        over = Q(pk__in=())
        for days in expected:
            over |= Q(expected_days=days, stage_entered_at__lt=self._end_of(self.days_ago(days)))
        return Q(status="open") & over

    def _end_of(self, day: date) -> datetime:
        midnight = datetime.combine(day + timedelta(days=1), time.min)
        return midnight.replace(tzinfo=self.organisation.tzinfo)

    # --- money ----------------------------------------------------------------------------------

    @property
    def currency(self) -> str:
        """The currency in which totals are shown."""
        return self.organisation.reporting_currency

    def priced(self, minor: int, currency: str, closed_on: date | None) -> int | None:
        """Minor units of the reporting currency at the rate of the close or of today; None without a rate."""
        return self.rates.price(minor, currency, closed_on or self.today)

    def whole(self, minor: int) -> Money:
        """A sum as it is said: in whole units of the reporting currency, rounded half to even."""
        unit: int = 10 ** currency_digits(self.currency)
        return Money(round(Fraction(minor, unit)) * unit, self.currency)

    def with_comparable(self, deals: QuerySet[Any]) -> QuerySet[Any]:
        """Lets deals be sorted and filtered by `comparable`: the amount in minor units of the reporting
        currency at today's rate, not rounded and never shown. Without an amount or a rate it is null.
        """
        own = When(currency=self.currency, then=F("amount_minor") * Value(Decimal(1), EXACT))
        others = [
            When(currency=code, then=F("amount_minor") * Value(self._factor(code, nano), EXACT))
            for code, nano in self.rates.on(self.today).items()
        ]
        comparable: QuerySet[Any] = deals.alias(comparable=Case(own, *others, output_field=EXACT))
        return comparable

    def _factor(self, currency: str, rate_nano: int) -> Decimal:
        digits = currency_digits(self.currency) - currency_digits(currency)
        return Decimal(rate_nano).scaleb(digits - 9)

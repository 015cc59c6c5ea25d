"""The working calendars of the organisation and of its people, as they stand in the database."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from accounts.calendar import WorkingCalendar
from accounts.models import Absence, Holiday, Organisation
from foundation.dated import DateRange
from foundation.once import once


def organisation_calendar(organisation: Organisation | None = None) -> WorkingCalendar:
    """The organisation's working days: its week less its holidays. One query, two without `organisation`."""
    organisation = organisation or Organisation.current()
    holidays = Holiday.objects.order_by().values_list("date", flat=True)
    return WorkingCalendar(organisation.working_weekdays, once("holidays", lambda: frozenset(holidays)))


def personal_calendars(
    user_ids: Collection[int], start: date, end: date, office: WorkingCalendar | None = None
) -> dict[int, WorkingCalendar]:
    """Each person's working days in [start, end): the organisation's less their absences.

    Outside that range absences are not known. One query where the organisation's calendar is given.
    """
    office = office or organisation_calendar()
    absences: dict[int, list[DateRange]] = defaultdict(list)
    for absence in Absence.objects.filter(user__in=user_ids).overlapping(start, end):
        absences[absence.user_id].append(absence.dates)
    return {pk: office.minus(absences[pk]) if pk in absences else office for pk in user_ids}

"""The organisation's holidays: days of a country's calendar, made into rows, and days of its own."""

from collections.abc import Collection
from datetime import date
from typing import Any

from babel import Locale
from django.db import transaction
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from accounts.models import Holiday, Organisation
from audit.models import Kind
from audit.recording import record
from foundation.errors import InvalidInput

YEARS_BACK, YEARS_AHEAD = 2, 2


def _library() -> Any:
    """The calendars of the world, loaded when first asked for: few processes ever are."""
    import holidays

    return holidays


def countries() -> list[tuple[str, str]]:
    """The countries whose calendar the library has, by name in the reader's language."""
    names = Locale.parse(to_locale(get_language() or "en")).territories
    codes = _library().list_supported_countries(include_aliases=False)
    return sorted(((code, str(names.get(code, code))) for code in codes), key=lambda pair: pair[1])


def subdivisions(country: str) -> list[tuple[str, str]]:
    """The regions of a country whose calendars differ, as code and name."""
    if not country:
        return []
    calendar = _library().country_holidays(country)
    aliases = calendar.get_subdivision_aliases()
    return [(code, (aliases.get(code) or [code])[0]) for code in calendar.subdivisions]


def years_needed(today: date, first_day: date | None) -> range:
    """The years a calendar has to cover: from two back, or the first day of data, to two ahead."""
    first = min(today.year - YEARS_BACK, first_day.year if first_day else today.year)
    return range(first, today.year + YEARS_AHEAD + 1)


@transaction.atomic
def apply_holiday_calendar(country: str, subdivision: str, years: Collection[int]) -> int:
    """Makes the country's holidays of those years into rows and returns how many there are.

    Days that came from a calendar before, in these years, are replaced; the organisation's own days stay.
    Without a country only the earlier ones go. Raises InvalidInput for an unknown country or region.
    """
    organisation = Organisation.objects.select_for_update().get(pk=Organisation.current().pk)
    days = _library_days(country, subdivision, years) if country else {}
    for year in years:
        Holiday.objects.filter(from_calendar=True, date__year=year).delete()
    own = set(Holiday.objects.filter(date__in=days).values_list("date", flat=True))
    Holiday.objects.bulk_create(
        Holiday(date=day, name=name[:120], from_calendar=True)
        for day, name in sorted(days.items())
        if day not in own
    )
    after = {"country": country, "subdivision": subdivision, "years": sorted(years), "days": len(days)}
    record(Kind.CONFIGURATION, "calendar_applied", of=organisation, label=organisation.name, after=after)
    return len(days)


def _library_days(country: str, subdivision: str, years: Collection[int]) -> dict[date, str]:
    try:
        return dict(
            _library().country_holidays(
                country, subdiv=subdivision or None, years=sorted(years), language=_language_of(country)
            )
        )
    except NotImplementedError:
        words = _("There is no calendar for %(country)s %(region)s.")
        raise InvalidInput(
            words % {"country": country, "region": subdivision}, field="holiday_country"
        ) from None


def _language_of(country: str) -> str | None:
    """The reader's language where the library has the country's days in it; else the country's own."""
    wanted = get_language() or "en"
    known = _library().list_localized_countries(include_aliases=False).get(country, [])
    return next((one for one in known if one.partition("_")[0] == wanted.partition("-")[0]), None)


@transaction.atomic
def choose_calendar(*, country: str, subdivision: str, first_day: date | None) -> int:
    """Makes another country's calendar the organisation's, for all years that are needed or were covered."""
    organisation = Organisation.current()
    needed = years_needed(organisation.today(), first_day)
    covered = {day.year for day in Holiday.objects.filter(from_calendar=True).dates("date", "year")}
    count = apply_holiday_calendar(country, subdivision, sorted({*needed, *covered}))
    organisation.holiday_country = country
    organisation.holiday_subdivision = subdivision
    organisation.save(update_fields=["holiday_country", "holiday_subdivision"])
    return count


def extend_calendar(first_day: date | None) -> list[int]:
    """Adds the years that the organisation's calendar lacks, and returns them."""
    organisation = Organisation.current()
    if not organisation.holiday_country:
        return []
    covered = {day.year for day in Holiday.objects.filter(from_calendar=True).dates("date", "year")}
    missing = [y for y in years_needed(organisation.today(), first_day) if y not in covered]
    if missing:
        apply_holiday_calendar(organisation.holiday_country, organisation.holiday_subdivision, missing)
    return missing


def add_own_day(*, day: date, name: str) -> Holiday:
    """A free day of the organisation's own; a day of the calendar becomes its own, and so stays."""
    own, _made = Holiday.objects.update_or_create(date=day, defaults={"name": name, "from_calendar": False})
    return own


def remove_own_day(*, holiday: Holiday) -> None:
    """Takes an own day back; the calendar's days come from the country (InvalidInput)."""
    if holiday.from_calendar:
        raise InvalidInput(_("This day comes from the country’s calendar."))
    holiday.delete()

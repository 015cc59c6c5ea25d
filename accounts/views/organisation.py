"""The settings for the organisation, its holidays and its currencies."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_administrators, form_page, posted, try_act
from accounts.models import ExchangeRate, Holiday, Organisation
from accounts.services import calendar as services
from accounts.services.rates import set_rate
from accounts.settings_forms import HolidayCalendarForm, OrganisationForm, OwnDayForm, RateForm

FirstDay = Callable[[], date | None]
InUse = Callable[[], Iterable[str]]


@for_administrators
def organisation(request: PersonRequest) -> HttpResponse:
    """Name, days and thresholds that rule every figure."""
    form = OrganisationForm(posted(request), instance=Organisation.current())

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("The organisation is saved.")

    return form_page(
        request,
        form,
        save,
        title=_("Organisation"),
        lead=_("What stands here rules every figure."),
        back=reverse("settings:organisation"),
        template="settings/organisation.html",
    )


# --- calendar ---------------------------------------------------------------------------------------


@for_administrators
def calendar(request: PersonRequest, first_day: FirstDay) -> HttpResponse:
    """The days on which nobody is expected to work, by year; `first_day` tells where the data begins."""
    own = Organisation.current()
    by_year: dict[int, list[Holiday]] = defaultdict(list)
    for day in Holiday.objects.order_by("date"):
        by_year[day.date.year].append(day)
    today = own.today()
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and int(asked) in by_year else today.year
    names = dict(services.countries())
    regions = dict(services.subdivisions(own.holiday_country))
    context = {
        "days": by_year.get(year, []),
        "year": year,
        "years": sorted({*by_year, today.year}),
        "country": names.get(own.holiday_country, own.holiday_country),
        "region": regions.get(own.holiday_subdivision, own.holiday_subdivision),
        "lacking": [one for one in services.years_needed(today, first_day()) if one not in by_year],
    }
    return render(request, "settings/calendar.html", context)


@for_administrators
def calendar_country(request: PersonRequest, first_day: FirstDay) -> HttpResponse:
    """Chooses the country and region; the region's choices follow the country."""
    own = Organisation.current()
    shown = {"country": own.holiday_country, "subdivision": own.holiday_subdivision}
    form = HolidayCalendarForm(posted(request), initial=shown)

    def save(data: dict[str, Any]) -> str:
        count = services.choose_calendar(
            country=data["country"], subdivision=data["subdivision"], first_day=first_day()
        )
        return _("The calendar has %(count)d holidays now. Own days stayed.") % {"count": count}

    return form_page(
        request,
        form,
        save,
        title=_("Holiday calendar"),
        lead=_("Days of the calendar are replaced, your own days stay. Expectations follow at once."),
        back=reverse("settings:calendar"),
        template="settings/calendar_country.html",
    )


@for_administrators
def calendar_regions(request: PersonRequest) -> HttpResponse:
    """The field for the region of the country in `?country=`."""
    form = HolidayCalendarForm(initial={"country": request.GET.get("country", "")})
    return render(request, "settings/_region.html", {"field": form["subdivision"]})


@for_administrators
def own_day_new(request: PersonRequest) -> HttpResponse:
    """A free day of the organisation's own."""
    form = OwnDayForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        services.add_own_day(day=data["date"], name=data["name"])
        return _("The day is free.")

    return form_page(
        request, form, save, title=_("Own day off"), back=reverse("settings:calendar"), act=_("Add day")
    )


@require_POST
@for_administrators
def own_day_remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes an own day back."""
    day = get_object_or_404(Holiday, pk=pk)
    try_act(request, lambda: services.remove_own_day(holiday=day), _("The day is a working day again."))
    return redirect(f"{reverse('settings:calendar')}?year={day.date.year}")


# --- currencies -------------------------------------------------------------------------------------


@for_administrators
def currencies(request: PersonRequest, in_use: InUse) -> HttpResponse:
    """Exchange rates by currency; `in_use` tells which currencies the deals have."""
    own = Organisation.current()
    today, reporting = own.today(), own.reporting_currency
    by_currency: dict[str, list[ExchangeRate]] = defaultdict(list)
    for rate in ExchangeRate.objects.filter(reporting_currency=reporting).order_by("-effective_from"):
        by_currency[rate.currency].append(rate)
    used = {code for code in in_use() if code != reporting}
    groups = [
        (code, by_currency[code], next((r for r in by_currency[code] if r.effective_from <= today), None))
        for code in sorted(used | set(by_currency))
    ]
    context = {
        "groups": groups,
        "reporting": reporting,
        "lacking": sorted(code for code in used if not by_currency[code]),
        "today": today,
    }
    return render(request, "settings/currencies.html", context)


@for_administrators
def rate_new(request: PersonRequest) -> HttpResponse:
    """A rate from a day on; one of the same day is corrected."""
    form = RateForm(posted(request), initial={"currency": request.GET.get("currency")})
    reporting = Organisation.current().reporting_currency

    def save(data: dict[str, Any]) -> str:
        rate = set_rate(
            currency=data["currency"], effective_from=data["effective_from"], rate_nano=data["rate"]
        )
        return _("The rate of %(currency)s is saved.") % {"currency": rate.currency}

    return form_page(
        request,
        form,
        save,
        title=_("New rate"),
        lead=_("In %(currency)s. A deal is counted at the rate in force on the day it closed.")
        % {"currency": reporting},
        back=reverse("settings:currencies"),
        act=_("Add rate"),
    )

"""What if actions had been worth something else? A past period, counted again; nothing is stored."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_administrators
from accounts.models import Organisation, Role, User
from apr.models import Action, ActionType
from apr.periods import Period, PeriodKind, parse_period, period_containing
from apr.scoring import Rule, rule_on
from apr.suggested_points import FEWEST, suggested_points
from apr.what_if import Replay, replay, rules_by_type, suggest_target
from apr.worth_words import worth_line
from foundation.wording import reader_locale

MOST = 1_000
# What can be chosen, with how many of each at most: ten years, and the weeks of one.
OFFERED = {PeriodKind.MONTH: 120, PeriodKind.QUARTER: 40, PeriodKind.YEAR: 10, PeriodKind.WEEK: 53}


class WhatIfForm(forms.Form):
    """The period, and points and cap of each action type in use."""

    def __init__(
        self, data: Any, *, periods: Mapping[PeriodKind, list[Period]], kinds: Iterable[ActionType]
    ) -> None:
        super().__init__(data)
        locale = str(reader_locale())
        self.kinds = list(kinds)
        choices = [
            (kind.label, [(one.key, one.label(locale)) for one in found]) for kind, found in periods.items()
        ]
        self.fields["period"] = forms.ChoiceField(label=_("Period"), choices=choices)
        for kind in self.kinds:
            self.fields[f"points_{kind.pk}"] = _whole(_("Points of %(name)s") % {"name": kind.name})
            cap = _("Cap a day of %(name)s") % {"name": kind.name}
            self.fields[f"cap_{kind.pk}"] = _whole(cap, required=False)

    def rules(self, since: Period) -> dict[int, Rule]:
        """What was typed, as rules over the whole period."""
        typed = self.cleaned_data
        return {
            kind.pk: Rule(since.start, typed[f"points_{kind.pk}"], typed[f"cap_{kind.pk}"])
            for kind in self.kinds
        }


def _whole(label: str, *, required: bool = True) -> forms.IntegerField:
    """A whole number in a cell; the head of its column does not name it for a screen reader."""
    widget = forms.NumberInput(attrs={"class": "input", "aria-label": label})
    return forms.IntegerField(label=label, min_value=0, max_value=MOST, required=required, widget=widget)


@require_safe
@for_administrators
def what_if(request: PersonRequest) -> HttpResponse:
    """The form with the rules of today, or with what was typed and what would have come of it."""
    organisation = Organisation.current()
    today, first_month = organisation.today(), organisation.fiscal_first_month
    periods = _periods(today, first_month)
    last_month = periods[PeriodKind.MONTH][1]
    kinds = list(ActionType.objects.filter(is_active=True))
    rules = {kind: rule_on(own, today) for kind, own in rules_by_type().items()}
    usual: dict[str, Any] = {"period": last_month.key}
    for kind in kinds:
        rule = rules.get(kind.pk)
        usual[f"points_{kind.pk}"] = rule.points if rule else 0
        usual[f"cap_{kind.pk}"] = "" if rule is None or rule.daily_cap is None else rule.daily_cap
    form = WhatIfForm(request.GET or usual, periods=periods, kinds=kinds)
    found, period = None, last_month
    if form.is_valid():
        period = parse_period(form.cleaned_data["period"], first_month)
        found = replay(period, form.rules(period))
    context = {
        "form": form,
        "period_label": period.label(str(reader_locale())),
        "found": found,
        "rows": [_type_row(kind, form, usual, found) for kind in kinds],
        "people": _people(found) if found else [],
        "suggestions": [
            (role.label, suggestion)
            for role in (Role.PARTNER_MANAGER, Role.ACCOUNT_EXECUTIVE)
            if (suggestion := suggest_target(role, today))
        ],
        "worth": [worth_line(one) for one in suggested_points(today)],
        "evidence_url": reverse("apr:evidence"),
        "fewest": FEWEST,
    }
    return render(request, "settings/what_if.html", context)


def _periods(today: date, first_month: int) -> dict[PeriodKind, list[Period]]:
    """The periods since the first action, latest first; in any case the running one and the one before."""
    earliest = Action.objects.order_by("occurred_on").values_list("occurred_on", flat=True).first()
    found = {}
    for kind, most in OFFERED.items():
        periods = [period_containing(today, kind, first_month)]
        while len(periods) < 2 or (earliest and len(periods) < most and earliest < periods[-1].start):
            periods.append(periods[-1].previous())
        found[kind] = periods
    return found


def _type_row(
    kind: ActionType, form: WhatIfForm, usual: dict[str, Any], found: Replay | None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "points": form[f"points_{kind.pk}"],
        "cap": form[f"cap_{kind.pk}"],
        "points_now": usual[f"points_{kind.pk}"],
        "two": found.types.get(kind.pk) if found else None,
    }


def _people(found: Replay) -> list[tuple[User, Any]]:
    """From A to Z; nobody is ranked."""
    people = User.objects.filter(pk__in=found.people).order_by("name", "pk")
    return [(person, found.people[person.pk]) for person in people]

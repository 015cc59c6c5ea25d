"""Every part of the interface with every state, on one page: the look is checked against it.

All names and figures on it are invented, and add up among themselves.
"""

from datetime import date
from fractions import Fraction
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from foundation.charts import Column, Run
from foundation.money import Money

SEPTEMBER = [(0, "1 Sep"), (11, "15 Sep"), (22, "30 Sep")]
SHORT_SEPTEMBER = [(0, "1 Sep"), (22, "30")]
EXPECTED = [Fraction(60 * day, 22) for day in range(23)]
NORA = [0, 3, 7, 13, 16, 21, 25, 27, 33, 37, 40, 42]
JONAS = [0, 2, 5, 6, 9, 11, 11, 12, 13, 13, 15, 17]
PIOTR = [0, 4, 8, 12, 13, 13, 13, 13, 13, 13, 14, 16]
AWAY_EXPECTED = [Fraction(60 * (min(day, 4) + max(day - 9, 0)), 17) for day in range(23)]


class EveryField(forms.Form):
    """One field of each kind."""

    deal = forms.CharField(label="Deal", help_text="As the customer calls it.")
    stage = forms.ChoiceField(label="Stage", choices=[("q", "Qualify"), ("p", "Proposal")])
    closes_on = forms.DateField(label="Expected close", widget=forms.DateInput(attrs={"type": "date"}))
    probability = forms.IntegerField(
        label="Probability", max_value=100, widget=forms.NumberInput(attrs={"data-unit": "%"})
    )
    password = forms.CharField(label="Password", widget=forms.PasswordInput, required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    kind = forms.ChoiceField(
        label="Kind", choices=[("s", "Sourced"), ("i", "Influenced")], widget=forms.RadioSelect
    )
    remind = forms.BooleanField(label="Remind me a day before", required=False)
    file = forms.FileField(label="File", required=False)


class ShortForm(forms.Form):
    """What stands in the dialog of the page."""

    deal = forms.CharField(label="Deal")
    probability = forms.IntegerField(
        label="Probability", max_value=100, widget=forms.NumberInput(attrs={"data-unit": "%"})
    )


def look(request: HttpRequest) -> HttpResponse:
    """The page, for developers and administrators; nobody else has a use for it."""
    _refuse_strangers(request)
    return render(request, "look/page.html", _parts())


def look_dialog(request: HttpRequest) -> HttpResponse:
    """A form that opens in the dialog, and is a page of its own without scripts."""
    _refuse_strangers(request)
    form = ShortForm(request.POST or None, prefix="dialog")
    if form.is_valid():
        return redirect("/look/?saved")
    is_fragment = "HX-Request" in request.headers
    return render(request, "look/_dialog.html" if is_fragment else "look/dialog.html", {"form": form})


def _refuse_strangers(request: HttpRequest) -> None:
    user = request.user
    if not (settings.DEBUG or (user.is_authenticated and user.is_admin)):
        raise Http404


def _parts() -> dict[str, Any]:
    return {
        "form": EveryField(initial={"deal": "Acme renewal", "probability": 80, "kind": "s"}),
        "refused": EveryField({"no-probability": "180", "no-kind": "s", "no-note": "Kept."}, prefix="no"),
        "september": SEPTEMBER,
        "short_september": SHORT_SEPTEMBER,
        "nora": Run(NORA, EXPECTED, 60),
        "jonas": Run(JONAS, EXPECTED, 60),
        "no_target": Run(NORA),
        "types": _types(),
        "people": _people(),
        "weeks": [Column("W34", 9, 14), Column("W35", 16, 14), Column("W36", 21, 14), Column("W37", 19, 14)],
        "funnel": _funnel(),
        "amount": Money(11_840_000, "EUR"),
        "exact_amount": Money(11_840_050, "EUR"),
        "ratio": Fraction(154, 100),
        "this_year": date.today().replace(month=9, day=17),  # noqa: DTZ011  any day of this year will do
        "long_ago": date(2025, 1, 1),
        "choices": [("September 2026", "?period=2026-09", True), ("August 2026", "?period=2026-08", False)],
        "links": [("Funnels and stages", "#", True), ("Action types", "#", False)],
        "spark": [3, 4, 6, 3, 5, 4, 2, 6],
    }


def _types() -> list[dict[str, Any]]:
    rows = [("Face-to-face meeting", 12), ("Coaching session", 8), ("Conference call", 6)]
    counted = [{"label": label, "value": value, "url": "#rows"} for label, value in rows]
    return [
        *counted,
        {"label": "Joint deal review", "value": 6, "url": "#rows"},
        {"label": "Call to", "value": 4, "url": "#rows"},
        {"label": "E-mail", "value": 3, "raw": 6, "url": "#rows"},
        {"label": "Partner introduction", "value": 3, "url": "#rows"},
    ]


def _people() -> list[dict[str, Any]]:
    return [
        {"name": "Jonas", "run": Run(JONAS, EXPECTED, 60), "shown": 17, "status": "behind", "url": "#rows"},
        {"name": "Nora", "run": Run(NORA, EXPECTED, 60), "shown": 42, "status": "on_track", "url": "#rows"},
        {
            "name": "Piotr",
            "run": Run(PIOTR, AWAY_EXPECTED, 60, away=[(4, 9)]),
            "shown": 16,
            "status": "at_risk",
            "url": "#rows",
        },
    ]


def _funnel() -> list[dict[str, Any]]:
    stages = [("Qualify", 3, 250, 10), ("Discovery", 3, 447, 20), ("Solution fit", 4, 470, 40)]
    return [
        {
            "label": label,
            "count": f"{count} deals",
            "amount": thousands,
            "weighted": Fraction(thousands * probability, 100),
            "shown": f"€{thousands},000",
            "note": f"{probability}%",
            "url": "#rows",
        }
        for label, count, thousands, probability in stages
    ]

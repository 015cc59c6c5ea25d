"""The form that starts a trial of a nudge: all of it is stated there."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Team
from apr.models import TRIABLE, TrialMeasure
from foundation.fields import DayField

USUAL = timedelta(days=41)  # six weeks with the first day


class TrialForm(forms.Form):
    """Which nudge, by what it is judged, whose teams, and from when to when."""

    kind = forms.ChoiceField(
        label=_("Nudge"),
        choices=[(kind.value, kind.label) for kind in TRIABLE],
        help_text=_("Those that are told to one person alone. Of the others both people on a deal are told."),
    )
    measure = forms.ChoiceField(
        label=_("Judged by"),
        choices=TrialMeasure.choices,
        help_text=_("In a working week. Only this is compared, so choose what the nudge is there for."),
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With the teams below them, as they stand on the first day."),
        error_messages={"required": _("Choose a team or more.")},
    )
    starts_on = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))

    def __init__(self, data: Any = None) -> None:
        first = Organisation.current().today() + timedelta(days=1)
        super().__init__(data, initial={"starts_on": first, "last_day": first + USUAL, "kind": TRIABLE[-1]})
        teams = self.fields["teams"]
        teams.queryset = Team.objects.active()  # type: ignore[attr-defined] # a choice of rows

    def clean_measure(self) -> TrialMeasure:
        """The measure itself."""
        return TrialMeasure(self.cleaned_data["measure"])


class StopForm(forms.Form):
    """Why a trial ends early."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why, so that others understand it later.")},
    )

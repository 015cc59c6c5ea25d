"""Forms for mutual goals."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from foundation.errors import InvalidInput
from foundation.fields import DayField
from foundation.money import Money, parse_money
from foundation.wording import money_in_full, reader_locale
from partners.goals import MOST, Terms
from partners.models import GoalMetric, GoalSide, PartnerGoal


class GoalForm(forms.Form):
    """What is to be reached. `terms` holds what the service takes; a goal that exists keeps its side."""

    side = forms.ChoiceField(label=_("Whose goal"), choices=GoalSide.choices)
    text = forms.CharField(label=_("Goal"), max_length=200)
    metric = forms.ChoiceField(label=_("Measured by"), choices=GoalMetric.choices)
    target = forms.CharField(
        label=_("Target"), max_length=40, help_text=_("An amount for won deals, else a number.")
    )
    starts_on = DayField(label=_("Counts from"))
    due_on = DayField(label=_("Due"))
    why = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands beside the goal for both sides to remember."),
    )

    def __init__(self, *args: Any, goal: PartnerGoal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = Organisation.current().reporting_currency
        self.fields["starts_on"].initial = Organisation.current().today()
        if goal is not None:
            del self.fields["side"]
            for name in ("text", "metric", "starts_on", "due_on", "why"):
                self.fields[name].initial = getattr(goal, name)
            is_money = goal.metric == GoalMetric.SOURCED_WON
            shown = money_in_full(Money(goal.target, goal.currency)) if is_money else str(goal.target)
            self.fields["target"].initial = shown

    def clean(self) -> dict[str, Any]:
        """Reads the target in the unit of the measure."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if {"metric", "target"} <= data.keys():
            try:
                data["target"] = self._read(data["metric"], data["target"])
            except InvalidInput as refusal:
                self.add_error("target", refusal.message)
        return data

    @property
    def terms(self) -> Terms:
        """What was read."""
        names = ("text", "metric", "target", "starts_on", "due_on", "why")
        return Terms(**{name: self.cleaned_data[name] for name in names})

    def _read(self, metric: str, text: str) -> int:
        if metric == GoalMetric.SOURCED_WON:
            return parse_money(text, self.currency, str(reader_locale())).minor
        if not text.isdecimal() or int(text) >= MOST:
            raise InvalidInput(_("Write a whole number, such as 12."))
        return int(text)


class ProgressForm(forms.Form):
    """How far a goal is on a day."""

    value = forms.IntegerField(label=_("Reached"), min_value=0)
    on = DayField(label=_("On"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = Organisation.current().today()


class RetireForm(forms.Form):
    """Why a goal is taken off the list."""

    reason = forms.CharField(label=_("Why"), max_length=300, help_text=_("Stays on record with the goal."))

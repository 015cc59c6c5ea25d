"""Forms of the settings for funnels, stages and the lists that deals choose from."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from opportunities.models import Funnel, LostReason, ObstacleKind, Stage


def _days() -> forms.NumberInput:
    return forms.NumberInput(attrs={"min": 1, "data-unit": _("days")})


NUMBERS: dict[str, Any] = {
    "probability": forms.NumberInput(attrs={"min": 0, "max": 100, "data-unit": "%"}),
    "expected_days": _days(),
    "allowed_silence_days": _days(),
}


class StageRow(forms.ModelForm[Stage]):
    """One line of the table of stages. `place` orders the lines; dragging only renumbers it."""

    place = forms.IntegerField(label=_("Order"), min_value=1, widget=forms.NumberInput(attrs={"min": 1}))

    class Meta:
        model = Stage
        fields = ["name", "probability", "expected_days", "allowed_silence_days"]
        widgets = NUMBERS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            words = _("%(field)s of %(stage)s") % {"field": field.label, "stage": self.instance.name}
            field.widget.attrs["aria-label"] = words
            if name != "name":
                field.widget.attrs["inputmode"] = "numeric"


class StageRows(forms.BaseModelFormSet[Stage, StageRow]):
    """All open stages of a funnel, saved together."""

    def clean(self) -> None:
        """Two lines cannot have one name, whichever was there first."""
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            name = form.cleaned_data.get("name", "")
            if name and name.casefold() in seen:
                form.add_error("name", _("Another stage has this name too."))
            seen.add(name.casefold())

    def validate_unique(self) -> None:
        """Names are compared among the lines (clean), because two may be exchanged."""

    def in_order(self) -> list[Stage]:
        """The stages as the lines stand."""
        numbered = sorted(enumerate(self.forms), key=lambda at: (at[1].cleaned_data["place"], at[0]))
        return [form.save(commit=False) for _at, form in numbered]


StageFormSet = forms.modelformset_factory(Stage, form=StageRow, formset=StageRows, extra=0)


def stage_rows(stages: QuerySet[Stage], data: Any = None) -> StageRows:
    """The lines for the stages in use, numbered from 1."""
    initial = [{"place": place} for place in range(1, len(stages) + 1)]
    rows: StageRows = StageFormSet(data, queryset=stages, prefix="stages")
    for form, first in zip(rows.forms, initial, strict=False):
        form.initial.update(first)
    return rows


class StageForm(forms.ModelForm[Stage]):
    """Everything about one stage."""

    class Meta:
        model = Stage
        fields = [
            "name",
            "probability",
            "expected_days",
            "allowed_silence_days",
            "forecast_category",
            "exit_criteria",
            "guidance",
        ]
        widgets = {
            **NUMBERS,
            "exit_criteria": forms.Textarea(attrs={"rows": 3}),
            "guidance": forms.Textarea(attrs={"rows": 3}),
        }


class ClosingStageForm(forms.ModelForm[Stage]):
    """What can be said about winning or losing: their probability is given."""

    class Meta:
        model = Stage
        fields = ["name", "exit_criteria", "guidance"]
        widgets = {
            "exit_criteria": forms.Textarea(attrs={"rows": 3}),
            "guidance": forms.Textarea(attrs={"rows": 3}),
        }


class RetireStageForm(forms.Form):
    """Where the open deals of a retired stage go."""

    move_to = forms.ModelChoiceField(queryset=Stage.objects.none(), label=_("Its open deals go to"))

    def __init__(self, *args: Any, stages: QuerySet[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["move_to"].queryset = stages  # type: ignore[attr-defined] # a ModelChoiceField


class FunnelForm(forms.ModelForm[Funnel]):
    """The name of a funnel."""

    class Meta:
        model = Funnel
        fields = ["name"]


class LostReasonForm(forms.ModelForm[LostReason]):
    """A reason for which deals are lost, and its place in the list."""

    class Meta:
        model = LostReason
        fields = ["name", "position"]


class ObstacleKindForm(forms.ModelForm[ObstacleKind]):
    """A kind of obstacle."""

    class Meta:
        model = ObstacleKind
        fields = ["name"]

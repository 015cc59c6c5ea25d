"""Forms of the settings for funnels, stages and the lists that deals choose from."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from foundation.rows import PlacedRow
from opportunities.models import Funnel, LostReason, ObstacleKind, Stage


def _days() -> forms.NumberInput:
    return forms.NumberInput(attrs={"min": 1, "data-unit": _("days")})


NUMBERS: dict[str, Any] = {
    "probability": forms.NumberInput(attrs={"min": 0, "max": 100, "data-unit": "%"}),
    "expected_days": _days(),
    "allowed_silence_days": _days(),
}


class StageRow(PlacedRow[Stage]):
    """One line of the table of stages."""

    class Meta:
        model = Stage
        fields = ["name", "probability", "expected_days", "allowed_silence_days"]
        widgets = NUMBERS


class NamedStage(forms.ModelForm[Stage]):
    """The name of a stage, which no other one in use has."""

    def clean_name(self) -> str:
        """The name; the model cannot compare it, because the funnel is no field of the form."""
        name: str = self.cleaned_data["name"]
        others = self.instance.funnel.stages.filter(is_active=True).exclude(pk=self.instance.pk)
        if self.instance.is_active and others.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("Another stage has this name too."))
        return name


class StageForm(NamedStage):
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
        help_texts = {"probability": ""}  # the unit stands in the field
        widgets = {
            **NUMBERS,
            "exit_criteria": forms.Textarea(attrs={"rows": 3}),
            "guidance": forms.Textarea(attrs={"rows": 3}),
        }


class ClosingStageForm(NamedStage):
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

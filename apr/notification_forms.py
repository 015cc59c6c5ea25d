"""Forms about being told: one's own choice, and the administrator's rules."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from apr.models import Channel, NotificationChoice, NudgeKind, NudgeRules, Rhythm


class ChoiceForm(forms.Form):
    """How one person wants to be told of each kind, and when the digest comes."""

    digest = forms.ChoiceField(label=_("My digest comes"), choices=Rhythm, widget=forms.RadioSelect)
    hour = forms.TypedChoiceField(
        label=_("Not before"), choices=[(hour, f"{hour:02}:00") for hour in range(24)], coerce=int
    )
    team_digest = forms.BooleanField(
        label=_("My teams’ figures once a week"),
        required=False,
        help_text=_("A working day after everybody on them got their own."),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, choice: NotificationChoice, leads: bool) -> None:
        initial = {"digest": choice.digest, "hour": choice.hour, "team_digest": choice.team_digest}
        super().__init__(data, initial=initial)
        if not leads:
            del self.fields["team_digest"]
        for kind in NudgeKind:
            self.fields[f"kind_{kind}"] = forms.ChoiceField(
                label=kind.label, choices=Channel, initial=choice.channel(kind)
            )

    @property
    def kinds(self) -> list[BoundField]:
        """The fields of the kinds."""
        return [self[f"kind_{kind}"] for kind in NudgeKind]

    def channels(self) -> dict[str, Channel]:
        """The channel chosen for each kind."""
        return {str(kind): Channel(self.cleaned_data[f"kind_{kind}"]) for kind in NudgeKind}


class NudgeRulesForm(forms.ModelForm[NudgeRules]):
    """What everybody can be told of, and from when on."""

    kinds_on = forms.MultipleChoiceField(
        label=_("People are told when"),
        choices=NudgeKind,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = NudgeRules
        fields = ["close_days", "silence_days", "ahead_days"]
        widgets = {
            name: forms.NumberInput(attrs={"min": 0, "data-unit": _("days")})
            for name in ("close_days", "silence_days", "ahead_days")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["kinds_on"] = [kind for kind in NudgeKind if kind not in self.instance.kinds_off]

    def save(self, commit: bool = True) -> NudgeRules:
        """Keeps the kinds that were left out."""
        on = set(self.cleaned_data["kinds_on"])
        self.instance.kinds_off = [str(kind) for kind in NudgeKind if kind not in on]
        return super().save(commit)


class AnswerForm(forms.Form):
    """A colleague's word on an action: confirmed, or disputed and what was different."""

    answer = forms.ChoiceField(choices=[("confirmed", ""), ("disputed", "")], widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("What was different"),
        max_length=300,
        error_messages={"required": _("Say in a word what was different.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["note"].required = data is None or data.get("answer") == "disputed"

    def clean(self) -> dict[str, Any]:
        """One of the two buttons was pressed."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "answer" not in data:
            raise forms.ValidationError(_("Press one of the two buttons."))
        return data

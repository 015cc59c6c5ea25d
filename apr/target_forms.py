"""The form that sets a target: its subject, what is measured and the value in the right unit."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Role, Team, User
from apr.models import ActionCategory, ActionType, Metric, Target, TargetScope
from apr.services.targets import KEYED, Subject
from apr.target_list import MONEY
from foundation.errors import InvalidInput
from foundation.fields import DayField
from foundation.money import parse_money
from foundation.wording import reader_locale

Choices = list[tuple[Any, Any]]


def _subjects() -> Choices:
    """Everybody a target can be for, as `role:key`, `team:id` and `user:id`."""
    teams = [(f"team:{team.pk}", team.name) for team in Team.objects.active()]
    people = [(f"user:{user.pk}", user.name) for user in User.objects.active()]
    roles = [(f"role:{role.value}", role.label) for role in Role if role != Role.ADMIN]
    return [("", _("Choose…")), (_("Roles"), roles), (_("Teams"), teams), (_("People"), people)]


def _measures() -> Choices:
    """Everything that can be measured, as `metric` or `metric:key`."""
    plain = [(metric.value, metric.label) for metric in Metric if metric not in KEYED]
    points = [(f"{Metric.CATEGORY_POINTS}:{one.value}", one.label) for one in ActionCategory]
    kinds = ActionType.objects.filter(is_active=True)
    counts = [(f"{Metric.ACTION_COUNT}:{kind.key}", kind.name) for kind in kinds]
    return [*plain, (_("Points in one category"), points), (_("Number of actions of one type"), counts)]


class TargetForm(forms.ModelForm[Target]):
    """A new target. `cleaned_data` holds what the service takes."""

    subject = forms.ChoiceField(label=_("For"))
    metric = forms.ChoiceField(label=_("What"))
    effective_from = DayField(label=_("In force from"))
    value = forms.CharField(
        label=_("Value"),
        max_length=40,
        help_text=_("Points, a number, an amount, or per cent for the win rate."),
    )

    class Meta:
        model = Target
        fields = ["scope", "period_kind", "why"]
        widgets = {
            "why": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {"why": _("Stands beside the number wherever people see it.")}

    field_order = ["subject", "scope", "metric", "value", "period_kind", "effective_from", "why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = Organisation.current()
        self.fields["subject"].choices = _subjects()  # type: ignore[attr-defined] # a ChoiceField
        self.fields["metric"].choices = _measures()  # type: ignore[attr-defined]
        self.fields["scope"].label = _("Where it is a team")
        self.fields["effective_from"].initial = self.organisation.today()
        self.fields["period_kind"].initial = "month"

    def clean_subject(self) -> Subject:
        """The person, team or role behind `kind:id`; only those offered pass."""
        kind, _sign, key = self.cleaned_data["subject"].partition(":")
        if kind == "role":
            return Subject(role=key)
        if kind == "team":
            return Subject(team=Team.objects.get(pk=key))
        return Subject(user=User.objects.get(pk=key))

    def clean(self) -> dict[str, Any]:
        """Reads the value in the unit of the measure."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        metric, _sign, key = data.get("metric", "").partition(":")
        subject = data.get("subject")
        if subject and subject.team is None:
            data["scope"] = TargetScope.EACH
        data["metric_key"] = key
        if metric:
            data["metric"] = Metric(metric)
        if metric and "value" in data:
            try:
                data["value"] = self._read(metric, data["value"])
            except InvalidInput as refusal:
                self.add_error("value", refusal.message)
        return data

    def _read(self, metric: str, text: str) -> int:
        if metric in MONEY:
            return parse_money(text, self.organisation.reporting_currency, str(reader_locale())).minor
        digits = 2 if metric == Metric.WIN_RATE else 0
        try:
            number = Decimal(text.strip().rstrip("%").strip()).scaleb(digits)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number != number.to_integral_value() or not 0 <= number < 10**12:
            raise InvalidInput(_("Write a whole number, such as 60; a win rate like 63.15."))
        return int(number)

    def _post_clean(self) -> None:
        """The service checks the whole; the model's own checks would look at half of it."""

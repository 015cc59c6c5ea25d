"""Forms of the settings for people, teams, the organisation, its calendar and its currencies."""

from typing import Any

from babel.numbers import get_currency_name, list_currencies
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.forms import TimeZoneField
from accounts.models import Organisation, Role, RoleGrant, Team, User
from accounts.services.calendar import countries, subdivisions
from accounts.services.rates import parse_rate
from foundation.errors import InvalidInput
from foundation.fields import DayField
from foundation.locales import babel_locale


def currency_choices() -> list[tuple[str, str]]:
    """Every currency as its code and name, in the reader's language."""
    locale = babel_locale(get_language() or "en")
    return [
        (code, f"{code} · {get_currency_name(code, locale=locale)}") for code in sorted(list_currencies())
    ]


class RolesField(forms.MultipleChoiceField):
    """Any number of roles."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Roles"),
            choices=Role.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        """The roles as a set."""
        return set(super().clean(value))


class FromField(DayField):
    """The day from which something holds; today unless another is chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("From"), initial=timezone.localdate, **kwargs)


class AnonymiseForm(forms.Form):
    """The name of who is to be made anonymous, typed, so that nobody does it by a slip."""

    name = forms.CharField(label=_("Their name, to confirm"), max_length=150)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_name(self) -> str:
        """The name, if it is theirs."""
        name: str = self.cleaned_data["name"]
        if name != self.person.name:
            raise ValidationError(_("Type it as it is written: %(name)s"), params={"name": self.person.name})
        return name


class PersonForm(forms.ModelForm[User]):
    """What is known about a person."""

    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Without one the person is known by name only.")
    )
    time_zone = TimeZoneField()

    class Meta:
        model = User
        fields = ["name", "time_zone", "locale"]

    field_order = ["name", "email", "time_zone", "locale"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = self.instance.email


class NewPersonForm(PersonForm):
    """A new person with roles and team."""

    roles = RolesField()
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.active(), required=False, empty_label=_("No team")
    )
    starts_on = FromField()
    invite = forms.BooleanField(label=_("Invite by mail now"), required=False, initial=True)

    field_order = ["name", "email", "roles", "team", "starts_on", "time_zone", "locale", "invite"]


class RolesForm(forms.Form):
    """The roles of a person from a day on."""

    roles = RolesField()
    starts_on = FromField()


class TeamOfPersonForm(forms.Form):
    """The team of a person from a day on."""

    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.active(), required=False, empty_label=_("No team")
    )
    starts_on = FromField()


class InviteForm(forms.Form):
    """Where an invitation goes."""

    email = forms.EmailField(label=_("E-mail"))


class TeamForm(forms.ModelForm[Team]):
    """A team, its place and its leaders."""

    class Meta:
        model = Team
        fields = ["name", "kind", "parent", "leaders"]
        widgets = {"leaders": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leading = RoleGrant.objects.on(timezone.localdate()).filter(role__in=[Role.LEADER, Role.ADMIN])
        able = Q(pk__in=leading.values("user"), is_active=True)
        if self.instance.pk:
            able |= Q(pk__in=self.instance.leaders.values("pk"))
            inside = Team.objects.with_below({self.instance.pk})
            self.fields["parent"].queryset = Team.objects.active().exclude(pk__in=inside)  # type: ignore[attr-defined]
        else:
            self.fields["parent"].queryset = Team.objects.active()  # type: ignore[attr-defined]
        self.fields["leaders"].queryset = User.objects.filter(able)  # type: ignore[attr-defined]
        self.fields["leaders"].help_text = _("Who has the role of leader can be chosen here.")


class MemberForm(forms.Form):
    """Who joins a team from a day on."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.active())
    starts_on = FromField()


class OrganisationForm(forms.ModelForm[Organisation]):
    """The settings that rule every figure."""

    time_zone = TimeZoneField(help_text=_("By it teams are judged and closes are dated."))
    fiscal_first_month = forms.TypedChoiceField(
        label=_("First month of the fiscal year"), choices=list(MONTHS.items()), coerce=int
    )
    working_week = forms.MultipleChoiceField(
        label=_("Working week"),
        choices=[(str(day), name) for day, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    reporting_currency = forms.ChoiceField(
        label=_("Reporting currency"),
        choices=currency_choices,
        help_text=_("Totals and targets are in it. After a change, set the targets of money anew."),
    )

    class Meta:
        model = Organisation
        fields = [
            "name",
            "time_zone",
            "fiscal_first_month",
            "working_week",
            "reporting_currency",
            "on_track_percent",
            "at_risk_percent",
            "silence_days",
            "pipeline_is_open",
        ]
        widgets = {
            "on_track_percent": forms.NumberInput(attrs={"min": 1, "max": 200, "data-unit": "%"}),
            "at_risk_percent": forms.NumberInput(attrs={"min": 1, "max": 200, "data-unit": "%"}),
            "silence_days": forms.NumberInput(attrs={"min": 1, "data-unit": _("days")}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["working_week"] = list(self.instance.working_week)

    def clean_working_week(self) -> str:
        """The days as digits, Monday first."""
        return "".join(sorted(self.cleaned_data["working_week"]))

    def clean(self) -> dict[str, Any]:
        """At risk begins below on track."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("at_risk_percent", 0) > data.get("on_track_percent", 10**6):
            self.add_error("at_risk_percent", _("This cannot lie above “on track”."))
        return data


class HolidayCalendarForm(forms.Form):
    """The country whose holidays are the organisation's."""

    country = forms.ChoiceField(label=_("Country"), required=False)
    subdivision = forms.ChoiceField(label=_("Region"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = str(self["country"].value() or "")
        known = countries()
        regions = subdivisions(country) if country in dict(known) else []
        self.fields["country"].choices = [("", _("None")), *known]  # type: ignore[attr-defined]
        self.fields["subdivision"].choices = [("", _("The whole country")), *regions]  # type: ignore[attr-defined]


class OwnDayForm(forms.Form):
    """A free day of the organisation's own."""

    date = DayField(label=_("Date"))
    name = forms.CharField(label=_("Name"), max_length=120)


class RateForm(forms.Form):
    """An exchange rate from a day on."""

    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    rate = forms.CharField(
        label=_("Rate"), max_length=30, help_text=_("What one unit is worth, such as 1.0834.")
    )
    effective_from = FromField()

    def clean_rate(self) -> int:
        """The rate times 10**9."""
        try:
            return parse_rate(self.cleaned_data["rate"])
        except InvalidInput as refusal:
            raise ValidationError(refusal.message) from None

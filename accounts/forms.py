"""Forms about oneself: the profile, absences, and taking up an invitation."""

from datetime import timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.fields import DayField

REGIONS = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
]


@lru_cache(maxsize=1)
def time_zone_choices() -> list[Any]:
    """Every time zone by region, with UTC first."""
    zones = sorted(available_timezones())

    def towns(region: str) -> list[tuple[str, str]]:
        inside = [zone for zone in zones if zone.startswith(f"{region}/")]
        return [(zone, zone.partition("/")[2].replace("_", " ")) for zone in inside]

    return [("UTC", "UTC"), *((region, towns(region)) for region in REGIONS)]


class TimeZoneField(forms.ChoiceField):
    """A time zone, chosen by region and town."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Time zone"), choices=time_zone_choices, **kwargs)


class ProfileForm(forms.ModelForm[User]):
    """What a person says about themselves."""

    time_zone = TimeZoneField(help_text=_("By it your days begin and end: what you log counts on your date."))

    class Meta:
        model = User
        fields = ["name", "time_zone", "locale"]
        help_texts = {
            "locale": _("Pages and letters are in it. The line in which you log is read in English words.")
        }


class AbsenceForm(forms.Form):
    """Days off, as people say them: from a first to a last day, both included."""

    starts_on = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))

    def clean(self) -> dict[str, Any]:
        """Adds `ends_on`, the first day back."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "last_day" in data and "starts_on" in data:
            if data["last_day"] < data["starts_on"]:
                self.add_error("last_day", _("The last day cannot lie before the first."))
            else:
                data["ends_on"] = data["last_day"] + timedelta(days=1)
        return data


class AcceptForm(forms.ModelForm[User]):
    """What a person who was invited says before they come in."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, better 15: a few words that only you would put together."),
    )
    time_zone = TimeZoneField()

    class Meta:
        model = User
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    field_order = ["name", "password", "time_zone"]

    def clean_password(self) -> str:
        """The password, unless it is too weak."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.instance)
        return password

"""Forms about programs."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.models import ApiToken, TokenScope

LIVES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("", _("No end"))]


class TokenForm(forms.ModelForm[ApiToken]):
    """What a token is for, what it may, and how long."""

    scope = forms.ChoiceField(
        label=_("May"), choices=TokenScope.choices, initial=TokenScope.READ, widget=forms.RadioSelect
    )
    expires_in = forms.ChoiceField(label=_("Valid for"), choices=LIVES, initial="90", required=False)

    class Meta:
        model = ApiToken
        fields = ["name", "scope"]

    def clean_expires_in(self) -> timedelta | None:
        """How long, None for ever."""
        days = self.cleaned_data["expires_in"]
        return timedelta(days=int(days)) if days else None

    @property
    def asked(self) -> dict[str, Any]:
        """What the service needs."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "scope": TokenScope(data["scope"]),
            "expires_in": data["expires_in"],
        }

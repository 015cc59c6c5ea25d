"""Forms about programs and about files."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from exchange.importing.dialects.systems import DIALECTS
from exchange.importing.plan import currency_of
from exchange.importing.presets import KINDS, PRESETS
from exchange.models import ApiToken, TokenScope
from foundation.errors import InvalidInput
from foundation.money import currency_digits

KINDS_OF_FILE = (".csv", ".txt", ".tsv")
LIVES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("0", _("No end"))]


class TokenForm(forms.ModelForm[ApiToken]):
    """What a token is for, what it may, and how long."""

    scope = forms.ChoiceField(
        label=_("May"), choices=TokenScope.choices, initial=TokenScope.READ, widget=forms.RadioSelect
    )
    expires_in = forms.ChoiceField(label=_("Valid for"), choices=LIVES, initial="90")

    class Meta:
        model = ApiToken
        fields = ["name", "scope"]

    def clean_expires_in(self) -> timedelta | None:
        """How long, None for ever."""
        days = int(self.cleaned_data["expires_in"])
        return timedelta(days=days) if days else None

    @property
    def asked(self) -> dict[str, Any]:
        """What the service needs."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "scope": TokenScope(data["scope"]),
            "expires_in": data["expires_in"],
        }


class ImportForm(forms.Form):
    """A file, what it holds and whose columns it has."""

    kind = forms.ChoiceField(label=_("What it holds"), choices=list(KINDS.items()), initial="people")
    preset = forms.ChoiceField(
        label=_("Columns of"),
        choices=[
            *((key, preset.name) for key, preset in PRESETS.items()),
            *((key, dialect.name) for key, dialect in DIALECTS.items()),
        ],
    )
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("CSV or XLSX; our own columns as CSV in UTF-8. Nothing changes before you say so."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )
    history = forms.FileField(
        label=_("Stage changes"),
        required=False,
        help_text=_("Of these deals, where the other system has them: Salesforce’s OpportunityHistory."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=3,
        help_text=_("Of amounts without one, such as EUR; empty for the usual one."),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Files within the limit only."""
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        self._check_size(upload)
        usual = (*KINDS_OF_FILE, ".xlsx") if self.cleaned_data.get("preset") in DIALECTS else KINDS_OF_FILE
        if not (upload.name or "").lower().endswith(usual):
            raise forms.ValidationError(_("This is no CSV file. Save it as CSV first."))
        if not upload.size:
            raise forms.ValidationError(_("This file is empty."))
        return upload

    def clean_history(self) -> "UploadedFile[bytes] | None":
        """Within the same limit."""
        upload: UploadedFile[bytes] | None = self.cleaned_data["history"]
        if upload:
            self._check_size(upload)
        return upload

    @staticmethod
    def _check_size(upload: "UploadedFile[bytes]") -> None:
        most = settings.UPLOAD_MAX_BYTES
        if upload.size is not None and upload.size > most:
            raise forms.ValidationError(
                _("This file is larger than %(most)s MB.") % {"most": most // (1024 * 1024)}
            )

    def clean_currency(self) -> str:
        """A code that exists, or none."""
        code = self.cleaned_data["currency"].strip().upper()
        if code:
            try:
                currency_digits(code)
            except InvalidInput as refusal:
                raise forms.ValidationError(refusal.message) from refusal
        return str(code)

    def clean(self) -> dict[str, Any]:
        """A preset that has files of this kind."""
        cleaned = super().clean() or {}
        if "kind" in cleaned and "preset" in cleaned:
            try:
                currency_of(cleaned["preset"], cleaned["kind"], "")
            except InvalidInput as refusal:
                self.add_error("kind", refusal.message)
            beside = cleaned.get("kind") == "opportunities" and cleaned.get("preset") in DIALECTS
            if cleaned.get("history") and not beside:
                self.add_error("history", _("Stage changes go with opportunities of another system."))
        return cleaned

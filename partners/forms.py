"""Forms for partners, the people there, and who looks after them."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Role, RoleGrant, User
from foundation.fields import DayField
from partners.models import Partner, PartnerContact


class PartnerForm(forms.ModelForm[Partner]):
    """Everything plain about a partner."""

    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = Partner
        fields = ["name", "type", "tier", "lifecycle", "region", "website", "notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    def clean_name(self) -> str:
        """A name that no other partner has, whatever its case."""
        name: str = self.cleaned_data["name"]
        others = Partner.objects.filter(name__iexact=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("There is a partner of this name already."))
        return name


class ContactForm(forms.ModelForm[PartnerContact]):
    """A person at a partner."""

    class Meta:
        model = PartnerContact
        fields = ["name", "title", "email", "phone"]


class ManagerForm(forms.Form):
    """Who looks after a partner from a day on."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), label=_("Partner manager"))
    starts_on = DayField(label=_("From"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = partner_managers()  # type: ignore[attr-defined]
        self.fields["starts_on"].initial = Organisation.current().today()


class EndForm(forms.Form):
    """The first day on which something no longer holds."""

    ends_on = DayField(label=_("Until"), help_text=_("The first day on which it no longer holds."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].initial = Organisation.current().today()


def partner_managers() -> QuerySet[User]:
    """People who are partner managers today."""
    today = Organisation.current().today()
    grants = RoleGrant.objects.on(today).filter(role=Role.PARTNER_MANAGER)
    people: QuerySet[User] = User.objects.active().filter(role_grants__in=grants).distinct()
    return people

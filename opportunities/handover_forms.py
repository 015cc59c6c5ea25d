"""Forms for offering a deal and for returning it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Role, User
from foundation.fields import DayField
from opportunities.forms import holders
from opportunities.models import InvolvementKind, Opportunity
from opportunities.services.handovers import usual_due_on
from partners.models import Partner


class OfferForm(forms.Form):
    """To whom a deal is offered, through which partner, and by when an answer is asked for."""

    offered_to = forms.ModelChoiceField(
        queryset=User.objects.none(), label=_("To whom?"), empty_label=_("Choose an account executive")
    )
    partner = forms.ModelChoiceField(
        queryset=Partner.objects.none(),
        label=_("Through which partner did it come?"),
        empty_label=_("Choose a partner"),
    )
    due_on = DayField(label=_("Answer by"))
    note = forms.CharField(
        label=_("What they should know"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, deal: Opportunity, by: User, **kwargs: Any) -> None:
        sourced = deal.involvements.filter(kind=InvolvementKind.SOURCED).select_related("partner").first()
        first = sourced or deal.involvements.first()
        initial = {"due_on": usual_due_on(), "partner": first.partner_id if first else None}
        super().__init__(*args, **{"auto_id": "offer-%s", "initial": initial, **kwargs})
        fields: Any = self.fields
        fields["offered_to"].queryset = holders(Role.ACCOUNT_EXECUTIVE, by.today())
        if sourced is None:
            fields["partner"].queryset = Partner.objects.visible_to(by).active()
        else:  # one partner brings a deal, and it is known
            fields["partner"].queryset = Partner.objects.filter(pk=sourced.partner_id)
            fields["partner"].empty_label = None

    def clean_due_on(self) -> Any:
        """A day that is still ahead."""
        due_on = self.cleaned_data["due_on"]
        if due_on < Organisation.current().today():
            raise forms.ValidationError(_("Choose a date that is still ahead."))
        return due_on


class ReturnForm(forms.Form):
    """Why a deal is returned."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Both of you and who leads you read it."),
    )

"""Forms for promises and obstacles on a deal."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.fields import DayField
from opportunities.models import ObstacleKind, Opportunity
from partners.models import Partner


def people_on(deal: Opportunity) -> QuerySet[User]:
    """Active people who are or were on the deal."""
    people: QuerySet[User] = User.objects.active().filter(assignments__opportunity=deal).distinct()
    return people.order_by("name")


class PromiseForm(forms.Form):
    """What is promised, to whom, by when."""

    text = forms.CharField(label=_("What do you promise?"), max_length=300)
    made_to = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label=_("To whom?"),
        required=False,
        empty_label=_("Nobody in particular"),
    )
    due_on = DayField(label=_("By when?"))

    def __init__(self, *args: Any, deal: Opportunity, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "promise-%s"
        self.by = by
        self.fields["made_to"].queryset = people_on(deal).exclude(pk=by.pk)  # type: ignore[attr-defined]

    def clean_due_on(self) -> Any:
        """A day that is still ahead where the person is."""
        due_on = self.cleaned_data["due_on"]
        if due_on < self.by.today():
            raise forms.ValidationError(_("Choose a date that is still ahead."))
        return due_on


class PromiseDateForm(forms.Form):
    """Another date for a promise."""

    due_on = DayField(label=_("By when now?"))


class ObstacleForm(forms.Form):
    """What blocks a deal, and who clears it by when."""

    description = forms.CharField(label=_("What blocks the deal?"), max_length=300)
    kind = forms.ModelChoiceField(
        queryset=ObstacleKind.objects.filter(is_active=True), label=_("Kind"), required=False
    )
    needs_partner = forms.BooleanField(label=_("It needs the partner"), required=False)
    partner = forms.ModelChoiceField(
        queryset=Partner.objects.none(), label=_("Which partner?"), required=False
    )
    assigned_to = forms.ModelChoiceField(
        queryset=User.objects.none(), label=_("Who clears it?"), required=False
    )
    due_on = DayField(label=_("By when?"), required=False)

    def __init__(self, *args: Any, deal: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "obstacle-%s"
        fields: Any = self.fields
        fields["partner"].queryset = Partner.objects.filter(involvements__opportunity=deal).distinct()
        fields["assigned_to"].queryset = people_on(deal)

"""The form with which an action is written down, and corrected."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apr.find_fields import FindField
from apr.models import Action, ActionCapacity, ActionType, CoachingAdvice
from apr.permissions import may_read_notes
from apr.scorecards import points_in_force
from foundation.fields import DayField
from opportunities.models import Opportunity
from partners.models import Partner

NOON = time(12)
FOUND = ("counterpart", "opportunity", "partner")


def deal_label(deal: Opportunity) -> str:
    """`Acme renewal · Acme Logistics`."""
    return f"{deal.name} · {deal.customer.name}" if deal.customer else deal.name


def rows_of(kind: str, user: User) -> QuerySet[Any]:
    """The rows that a field finds among: what the person sees."""
    if kind == "opportunity":
        return Opportunity.objects.visible_to(user).select_related("customer")
    if kind == "partner":
        return Partner.objects.visible_to(user)
    colleagues: QuerySet[Any] = User.objects.visible_to(user).active().exclude(pk=user.pk)
    return colleagues


class LogForm(forms.Form):
    """What was done, with whom, about what, when."""

    action_type = forms.ModelChoiceField(ActionType.objects.none(), label=_("What"), empty_label=None)
    counterpart = FindField(kind="counterpart", label=_("With"), required=False)
    opportunity = FindField(kind="opportunity", label=_("Deal"), label_of=deal_label, required=False)
    partner = FindField(kind="partner", label=_("Partner"), required=False)
    occurred_on = DayField(label=_("When"))
    duration_minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        min_value=1,
        max_value=1440,
        widget=forms.NumberInput(attrs={"data-unit": "min"}),
    )
    capacity = forms.ChoiceField(label=_("As"), choices=ActionCapacity.choices, required=False)
    notes = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 1}))
    advice = forms.CharField(
        label=_("Advice"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("Read by the two of you alone")}),
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        viewer: User | None = None,
        action: Action | None = None,
        **kwargs: Any,
    ) -> None:
        """`user` did it, `viewer` (else the same) sees what can be chosen, `action` is to be corrected."""
        if action is not None:
            kwargs["initial"] = _facts_of(action)
        super().__init__(*args, **kwargs)
        self.user = user
        if action is not None and not may_read_notes(viewer or user, action):
            del self.fields["notes"], self.fields["advice"]
        elif action is not None and not action.action_type.is_coaching:
            del self.fields["advice"]
        kinds = self.fields["action_type"]
        kinds.queryset = ActionType.objects.filter(Q(is_active=True) | Q(pk=action and action.action_type_id))  # type: ignore[attr-defined]
        self.fields["capacity"].required = action is not None
        points = points_in_force(user.today())
        kinds.label_from_instance = lambda kind: _named(kind, points.get(kind.pk, 0))  # type: ignore[attr-defined]
        self.fields["occurred_on"].widget.attrs["max"] = user.today().isoformat()
        for name in FOUND:
            self.fields[name].queryset = rows_of(name, viewer or user)  # type: ignore[attr-defined]

    def clean_occurred_on(self) -> date:
        """A day that has been, by the date where the actor is."""
        day: date = self.cleaned_data["occurred_on"]
        if day > self.user.today():
            raise forms.ValidationError(_("Log it once it has happened."))
        return day


def _facts_of(action: Action) -> dict[str, Any]:
    """What stands in the fields when an action is corrected."""
    advice = CoachingAdvice.objects.filter(action=action).first()
    plain = {name: getattr(action, name) for name in LogForm.base_fields if name != "advice"}
    return {**plain, "advice": advice.text if advice else ""}


def _named(kind: ActionType, points: int) -> str:
    return f"{kind.name}  +{points}"


def moment_of(day: date, user: User, before: datetime | None = None) -> datetime:
    """When on a day something happened: now if that is today, else noon; `before` stays on its own day."""
    if before is not None and timezone.localdate(before, user.tzinfo) == day:
        return before
    if day == user.today():
        return timezone.now()
    return datetime.combine(day, NOON, tzinfo=user.tzinfo)

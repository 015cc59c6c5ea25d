"""Forms of the settings for action types and point rules."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from apr.models import ActionType
from foundation.fields import DayField
from foundation.rows import PlacedRow

# Names in the Tabler outline set with words for people.
ICONS = [
    ("point", _("Dot")),
    ("users", _("Two people")),
    ("users-group", _("Group")),
    ("user-plus", _("New person")),
    ("presentation", _("Presentation")),
    ("phone-calling", _("Phone")),
    ("phone-outgoing", _("Phone, outgoing")),
    ("phone-incoming", _("Phone, incoming")),
    ("mail", _("Letter")),
    ("message", _("Message")),
    ("video", _("Video")),
    ("school", _("Coaching")),
    ("certificate", _("Certificate")),
    ("barrier-block", _("Barrier")),
    ("building-store", _("Business")),
    ("calendar-event", _("Event")),
    ("file-text", _("Document")),
    ("map-pin", _("Place")),
    ("tools", _("Tools")),
    ("heart-handshake", _("Handshake")),
]


def _icon_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Icon"), choices=ICONS)


class ActionTypeRow(PlacedRow[ActionType]):
    """One line of the table of action types."""

    icon = _icon_field()

    class Meta:
        model = ActionType
        fields = ["name", "category", "icon"]


class ActionTypeForm(forms.ModelForm[ActionType]):
    """A new action type with what it is worth from today on."""

    icon = _icon_field()
    points = forms.IntegerField(label=_("Points"), min_value=0, max_value=1000, initial=1)

    class Meta:
        model = ActionType
        fields = ["name", "category"]


class PointRuleForm(forms.Form):
    """What an action type is worth from a day on: tomorrow, unless another one is chosen."""

    action_type = forms.ModelChoiceField(
        label=_("Action type"), queryset=ActionType.objects.filter(is_active=True)
    )
    points = forms.IntegerField(label=_("Points"), min_value=0, max_value=1000)
    daily_cap = forms.IntegerField(
        label=_("Cap a day"),
        min_value=0,
        max_value=10_000,
        required=False,
        help_text=_("At most so many points of this type count for one person on one day. Empty: no cap."),
    )
    effective_from = DayField(label=_("In force from"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = Organisation.current().today()
        day = self.fields["effective_from"]
        day.initial = today + timedelta(days=1)
        day.widget.attrs["min"] = today.isoformat()


class ReopenForm(forms.Form):
    """Why a closed period is opened again."""

    reason = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("Stays on record, and is shown beside the period.")
    )

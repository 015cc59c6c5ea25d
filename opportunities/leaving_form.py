"""Who takes over from somebody who leaves: one colleague for each part of what they have in hand."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Role, RoleGrant, User
from opportunities.services.leaving import InHand

LABELS = {
    "owned": _("Open deals as account executive"),
    "partnered": _("Open deals as partner manager"),
    "partners": _("Partners"),
    "promises": _("Promises they made"),
    "promised": _("Promises made to them"),
    "obstacles": _("Obstacles they are to clear"),
    "teams": _("Teams they lead"),
}
# Who can take a part over: holders of these roles; everybody who stays where none is named.
TAKERS: dict[str, list[Role]] = {
    "owned": [Role.ACCOUNT_EXECUTIVE],
    "partnered": [Role.PARTNER_MANAGER],
    "partners": [Role.PARTNER_MANAGER],
    "teams": [Role.LEADER, Role.ADMIN],
}
SHOWN = 5


@dataclass(frozen=True)
class Part:
    """A part of what is in hand: how many, how they are called, and the field for who takes them."""

    names: list[str]
    field: forms.BoundField

    @property
    def count(self) -> int:
        """How many."""
        return len(self.names)

    @property
    def first(self) -> list[str]:
        """Some that are shown at once."""
        return self.names[:SHOWN]

    @property
    def more(self) -> list[str]:
        """The others, behind a press."""
        return self.names[SHOWN:]


class LeavingForm(forms.Form):
    """A field for each part that has something in it."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {
            "owned": list(InHand(person).owned.values_list("name", flat=True)),
            "partnered": list(InHand(person).partnered.values_list("name", flat=True)),
            "partners": list(InHand(person).partners.values_list("partner__name", flat=True)),
            "promises": list(InHand(person).promises.values_list("text", flat=True)),
            "promised": list(InHand(person).promised.values_list("text", flat=True)),
            "obstacles": list(InHand(person).obstacles.values_list("description", flat=True)),
            "teams": list(InHand(person).teams.values_list("name", flat=True)),
        }
        staying = User.objects.active().exclude(pk=person.pk)
        holding = RoleGrant.objects.on(Organisation.current().today())
        for part, names in self.names.items():
            if not names:
                continue
            roles = TAKERS.get(part, [])
            able = staying.filter(pk__in=holding.filter(role__in=roles).values("user")) if roles else staying
            self.fields[part] = forms.ModelChoiceField(
                label=LABELS[part], queryset=able, empty_label=_("Choose a colleague")
            )

    @property
    def parts(self) -> list[Part]:
        """The parts with something in them, in order."""
        return [Part(names, self[part]) for part, names in self.names.items() if names]

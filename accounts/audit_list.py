"""The audit log as administrators read it: filtered, in words, with names in the place of numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.models import Entry, Kind
from audit.recorded import NOT_KEPT
from foundation.fields import DayField

PAGE_SIZE = 50
EXPORT_PAGE = 1_000
PEOPLE_FOUND = 200  # by one name, at most

ACTS = {
    "added": gettext_lazy("added"),
    "changed": gettext_lazy("changed"),
    "removed": gettext_lazy("removed"),
    "signed_in": gettext_lazy("Signed in"),
    "signed_out": gettext_lazy("Signed out"),
    "sign_in_failed": gettext_lazy("Sign-in failed"),
    "sessions_ended": gettext_lazy("Sessions ended"),
    "second_factor_failed": gettext_lazy("Second factor failed"),
    "second_factor_added": gettext_lazy("Second factor added"),
    "second_factor_removed": gettext_lazy("Second factor removed"),
    "second_factor_renewed": gettext_lazy("Second factor renewed"),
    "password_changed": gettext_lazy("Password changed"),
    "password_reset": gettext_lazy("Password chosen anew by mail"),
    "roles_by_provider": gettext_lazy("Roles taken from the provider’s groups"),
    "leader_added": gettext_lazy("Leads the team"),
    "leader_removed": gettext_lazy("No longer leads the team"),
    "calendar_applied": gettext_lazy("Holiday calendar applied"),
    "assigned": gettext_lazy("handed over"),
    "handed_over": gettext_lazy("Left, and handed over"),
    "voided": gettext_lazy("voided"),
    "restored": gettext_lazy("brought back"),
    "exported": gettext_lazy("Exported"),
    "closed": gettext_lazy("Closed"),
    "anonymised": gettext_lazy("Made anonymous"),
    "data_exported": gettext_lazy("Personal data exported"),
}
OBJECTS = {
    "accounts.user": gettext_lazy("Person"),
    "accounts.rolegrant": gettext_lazy("Role"),
    "accounts.membership": gettext_lazy("Membership"),
    "accounts.invitation": gettext_lazy("Invitation"),
    "accounts.team": gettext_lazy("Team"),
    "accounts.absence": gettext_lazy("Absence"),
    "accounts.organisation": gettext_lazy("Organisation"),
    "accounts.holiday": gettext_lazy("Day off"),
    "accounts.exchangerate": gettext_lazy("Exchange rate"),
    "exchange.apitoken": gettext_lazy("API token"),
    "opportunities.opportunity": gettext_lazy("Deal"),
    "opportunities.funnel": gettext_lazy("Funnel"),
    "opportunities.stage": gettext_lazy("Stage"),
    "opportunities.lostreason": gettext_lazy("Lost reason"),
    "opportunities.obstaclekind": gettext_lazy("Kind of obstacle"),
    "partners.partnermanagement": gettext_lazy("Partner’s manager"),
    "apr.action": gettext_lazy("Action"),
    "apr.actiontype": gettext_lazy("Action type"),
    "apr.pointrule": gettext_lazy("Point rule"),
    "apr.target": gettext_lazy("Target"),
}
# These acts are said of the object: “Role added”. The others say all by themselves.
SAID_OF_OBJECTS = frozenset({"added", "changed", "removed", "assigned", "voided", "restored"})
DOORS = {
    "page": gettext_lazy("page"),
    "api": gettext_lazy("API"),
    "token": gettext_lazy("API token"),
    "admin": gettext_lazy("admin"),
    "worker": gettext_lazy("worker"),
    "system": gettext_lazy("console"),
}


class AuditFilter(forms.Form):
    """What to look for; everything may stay empty."""

    person = forms.CharField(label=gettext_lazy("Person"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[("", gettext_lazy("Everything")), *Kind.choices], required=False
    )
    object = forms.CharField(label=gettext_lazy("Object"), required=False, max_length=100)
    since = DayField(label=gettext_lazy("From"), required=False)
    until = DayField(label=gettext_lazy("To"), required=False)

    def found(self) -> QuerySet[Entry]:
        """The entries, newest first; fields that cannot be understood narrow nothing."""
        self.is_valid()
        asked = self.cleaned_data
        rows = Entry.objects.order_by("-pk")
        if kind := asked.get("kind"):
            rows = rows.filter(kind=kind)
        if person := asked.get("person"):
            named = User.objects.filter(Q(name__icontains=person) | Q(email__iexact=person))
            ids = list(named.order_by("pk").values_list("pk", flat=True)[:PEOPLE_FOUND])
            rows = rows.filter(Q(actor_id__in=ids) | Q(person_id__in=ids))
        if words := asked.get("object"):
            rows = rows.filter(Q(label__icontains=words) | Q(object_id=words))
        if since := asked.get("since"):
            rows = rows.filter(at__gte=_midnight(since))
        if until := asked.get("until"):
            rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
        return rows

    @property
    def is_narrow(self) -> bool:
        """Whether anything is looked for."""
        return any(self.data.get(name) for name in self.fields)


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class Change:
    """One value that became another; of something new or gone, one side is empty."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """An entry in words."""

    entry: Entry
    who: str
    what: str
    about: str
    label: str
    changes: list[Change]
    where: str


def lines(entries: Iterable[Entry]) -> list[Line]:
    """The entries in words; two queries for any number of them, the entries' own aside."""
    rows = list(entries)
    names = _names(rows)
    return [
        Line(
            entry,
            names.get(entry.actor_id or 0) or _nobody(entry),
            _what(entry),
            names.get(entry.person_id or 0, "") if entry.person_id != entry.actor_id else "",
            entry.label,
            _changes(entry, names),
            " · ".join(filter(None, [str(DOORS.get(entry.via, entry.via)), entry.network])),
        )
        for entry in rows
    ]


def _names(rows: list[Entry]) -> dict[int, str]:
    """The names of all people who stand in the entries."""
    ids: set[int] = set()
    for entry in rows:
        ids |= {pk for pk in (entry.actor_id, entry.person_id) if pk}
        ids |= {pk for side in (entry.before, entry.after) for v in side.values() if (pk := _person_in(v))}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))


def _person_in(value: object) -> int:
    """The number of the person that a value names, else 0."""
    word, _colon, number = value.partition(":") if isinstance(value, str) else ("", "", "")
    return int(number) if word == "person" and number.isdecimal() else 0


def _nobody(entry: Entry) -> str:
    return _("Somebody not signed in") if entry.network else _("The system")


def _what(entry: Entry) -> str:
    act = str(ACTS.get(entry.act, entry.act.replace("_", " ")))
    if entry.act not in SAID_OF_OBJECTS:
        return capfirst(act)
    return _("%(object)s %(act)s") % {"object": OBJECTS.get(entry.object_type, entry.object_type), "act": act}


def _changes(entry: Entry, names: dict[int, str]) -> list[Change]:
    return [
        Change(
            _field(entry.object_type, name),
            _shown(entry.before.get(name), names),
            _shown(entry.after.get(name), names),
        )
        for name in {**entry.before, **entry.after}
    ]


def _field(object_type: str, name: str) -> str:
    """What people call a column; the words of other facts are their keys."""
    try:
        return str(apps.get_model(object_type)._meta.get_field(name).verbose_name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return name.replace("_", " ")


def _shown(value: object, names: dict[int, str]) -> str:
    if value is None:
        return ""
    if value == NOT_KEPT:
        return _("(not kept)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if number := _person_in(value):
        return names.get(number, _("person %(number)d") % {"number": number})
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


COLUMNS = [
    "id", "at", "kind", "act", "actor", "actor_id", "person", "person_id", "object_type", "object_id",
    "object", "before", "after", "via", "network", "request_id", "place", "hash",
]  # fmt: skip


def export_rows(rows: QuerySet[Entry]) -> Iterator[list[object]]:
    """Each entry as plain cells, in the order of COLUMNS, a page at a time."""
    last: int | None = None
    while True:
        page = list((rows if last is None else rows.filter(pk__lt=last)).select_related("seal")[:EXPORT_PAGE])
        if not page:
            return
        names = _names(page)
        for entry in page:
            seal = getattr(entry, "seal", None)
            yield [
                entry.pk, entry.at.isoformat(), entry.kind, entry.act,
                names.get(entry.actor_id or 0), entry.actor_id,
                names.get(entry.person_id or 0), entry.person_id,
                entry.object_type, entry.object_id, entry.label,
                _plain(entry.before, names), _plain(entry.after, names),
                entry.via, entry.network, entry.request_id,
                seal and seal.number, seal and seal.hash,
            ]  # fmt: skip
        last = page[-1].pk


def _plain(facts: dict[str, Any], names: dict[int, str]) -> str:
    return "; ".join(f"{name}: {_shown(value, names)}" for name, value in facts.items())

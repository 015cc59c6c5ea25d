"""All that is held on one person, as one archive: for the person, or for an administrator on their behalf.

Nothing is listed by hand: every column of every table that names people is walked, so that a new table is in
it from its first day. A row comes with all its columns where the person is one of those whom it is about, or
wrote it; where they only had a hand in somebody else's row, it comes without the words of that somebody.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import OutgoingMail
from accounts.models import User
from apr.models import Action, ActionCategory, ActionType, CoachingAdvice
from audit.models import Kind
from audit.recording import record
from exchange.permissions import may_take_out_all_of
from foundation.errors import NotAllowed

# Columns that hold a person's number without a key to the table of people.
NUMBERS = frozenset({"user_id", "person_id", "actor_id", "reader_id"})
# Who had a hand in a row that is not theirs, with the words that are theirs in it.
HANDS: dict[str, frozenset[str]] = {
    "logged_by": frozenset(),
    "assigned_by": frozenset(),
    "closed_by": frozenset(),
    "voided_by": frozenset({"void_reason"}),
    "answered_by": frozenset({"reason"}),
    "cleared_by": frozenset({"resolution"}),
    "retired_by": frozenset({"retire_reason"}),
    "reopened_by": frozenset({"reopen_reason"}),
    "stopped_by": frozenset({"stop_reason"}),
}
# What opens an account, or is only our own bookkeeping; and in which half of a trial somebody is: who knows
# that acts otherwise.
SECRET = frozenset(
    {
        "password", "token_hash", "request_hash", "request_key", "session_key", "secret", "token",
        "token_secret", "mfa.Authenticator.data", "accounts.OutgoingMail.text", "accounts.OutgoingMail.html",
        "apr.Trial.seed", "apr.TrialMember.gets_nudge",
    }
)  # fmt: skip
# What was said in coaching is read by the two who were there alone.
PRIVATE = {"apr.Action": frozenset({"notes"}), "apr.CoachingAdvice": frozenset({"text", "word"})}
NOT_SHOWN = "(not shown)"
GUIDE = """All that PartnerHub holds on {name}, as of {day}.

Each file holds the rows of one table as JSON; "because" names the columns in which {name} stands. Other
people and rows stand in it by number. Passwords and keys are not shown, nor what others wrote in rows of
their own. Rows that PartnerHub works out from others (scores, tallies) are in it, too.
"""


@dataclass(frozen=True)
class Naming:
    """The columns of a table that name people."""

    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.model._meta.label

    def rows(self, person: User) -> models.QuerySet[Any]:
        """The rows that name the person."""
        named = Q()
        for column in self.columns:
            named |= Q(**{column: person.pk})
        return self.model._base_manager.filter(named)


def tables() -> Iterator[Naming]:
    """Every table that names people, with the columns that do."""
    for model in apps.get_models(include_auto_created=True):
        fields = model._meta.concrete_fields
        columns = tuple(field.attname for field in fields if field.related_model is User or _is_number(field))
        if columns:
            yield Naming(model, columns)


def _is_number(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.BigIntegerField) and field.name in NUMBERS


@transaction.atomic
def personal_archive(*, person: User, by: User) -> bytes:
    """A ZIP with all that is held on `person`. That it was taken out is on record.

    Raises NotAllowed for anybody but the person and administrators, who do not get what is private to two.
    """
    if not may_take_out_all_of(by, person):
        raise NotAllowed(_("Only the person and administrators take that out."))
    record(Kind.PRIVACY, "data_exported", of=person, person=person.pk, by=by.pk)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as pack:
        pack.writestr("README.txt", GUIDE.format(name=person.name, day=timezone.localdate().isoformat()))
        for label, rows in _files(person, by):
            if rows:
                pack.writestr(f"{label}.json", json.dumps(rows, cls=DjangoJSONEncoder, indent=1))
    return file.getvalue()


def _files(person: User, by: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows by table: the person's own, those that name them, and what hangs on these."""
    about: Iterable[Any] = User.objects.filter(pk=person.pk).values()
    yield User._meta.label, [_cells(User, row, frozenset()) for row in about]
    coaching = set(ActionType.objects.filter(category=ActionCategory.COACHING).values_list("pk", flat=True))
    for naming in tables():
        hidden = frozenset() if by == person else PRIVATE.get(naming.label, frozenset())
        for_two = {"action_type_id": coaching} if naming.model is Action else {}
        rows = naming.rows(person).order_by("pk").values()
        yield naming.label, [_row(naming, row, person, hidden, for_two) for row in rows]
    mine = Q(action__actor=person) | Q(action__counterpart=person)
    hidden = frozenset() if by == person else PRIVATE[CoachingAdvice._meta.label]
    advice: Iterable[Any] = CoachingAdvice.objects.filter(mine).order_by("pk").values()
    yield CoachingAdvice._meta.label, [_cells(CoachingAdvice, row, hidden) for row in advice]
    if person.email:
        written = OutgoingMail.objects.annotate(to=Cast("recipients", models.TextField()))
        letters: Iterable[Any] = written.filter(to__contains=json.dumps(person.email)).order_by("pk").values()
        yield OutgoingMail._meta.label, [_cells(OutgoingMail, row, frozenset({"to"})) for row in letters]


def _row(
    naming: Naming, row: dict[str, Any], person: User, hidden: frozenset[str], of: dict[str, set[int]]
) -> dict[str, Any]:
    """A row with why it is there. `hidden` holds of rows with these values; of all, where none are given."""
    because = [column.removesuffix("_id") for column in naming.columns if row[column] == person.pk]
    if all(one in HANDS for one in because):
        hidden = _words(naming.model).difference(*(HANDS[one] for one in because))
    elif not all(row[column] in values for column, values in of.items()):
        hidden = frozenset()
    return {"because": because, **_cells(naming.model, row, hidden)}


def _words(model: type[models.Model]) -> frozenset[str]:
    """The columns in which somebody can have written what they liked."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    return frozenset(
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(field, kinds) and not field.choices
    )


def _cells(model: type[models.Model], row: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    label = model._meta.label

    def shown(name: str, value: Any) -> Any:
        if name in SECRET or f"{label}.{name}" in SECRET or name in hidden:
            return NOT_SHOWN
        return bytes(value).hex() if isinstance(value, bytes | memoryview) else value

    return {name: shown(name, value) for name, value in row.items()}

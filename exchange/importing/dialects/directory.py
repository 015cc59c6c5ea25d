"""Whom and what the rows of a file name: found here, made, left out, or a reason to refuse the row."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.models import Role, User
from exchange.importing.applying import SINCE_EVER, make_person
from exchange.importing.dialects.choices import CREATE, LEAVE, Choices
from exchange.importing.dialects.funnels import FunnelOfFile
from exchange.importing.dialects.systems import Dialect
from exchange.importing.presets.maven import NOT_GIVEN
from exchange.importing.world import World
from opportunities.models import Customer, LostReason, Opportunity
from partners.models import Partner


@dataclass(frozen=True)
class Found:
    """The key under which a world knows what a row names ("" for nothing), or why it does not."""

    key: str = ""
    refused: str = ""


class Directory(World):
    """The world of a file from another system. Ids stand there as `#id`, chosen people as `@key`.

    What is to be made is here as an unsaved row from the first row on that names it, and `save_fresh` saves
    it: a dry run never does.
    """

    def __init__(self, source: str, dialect: Dialect, choices: Choices) -> None:
        super().__init__(source)
        self.dialect = dialect
        self.choices = choices
        self.told: Counter[str] = Counter()
        self.fresh: list[User | Customer | Partner | LostReason] = []
        self.adopted: dict[str, User | Customer | Partner] = {}
        self.pending: list[tuple[str, str, Any]] = []
        self.pending_words: list[str] = []
        self.funnel = FunnelOfFile(dialect, choices)

    @cached_property
    def people(self) -> dict[str, User | None]:
        """People by name, e-mail address and id; those who left only where nobody else is meant."""
        users = list(User.objects.prefetch_related("role_grants"))
        gone = {
            key: user
            for user in users
            if not user.is_active
            for key in (user.name.casefold(), user.email)
            if key
        }
        chosen = {f"@{user.pk}": user for user in users}
        known = {**gone, **super().people, **self._by_id(users), **chosen}
        return self._with_aliases("people", known, chosen)

    @cached_property
    def customers(self) -> dict[str, Customer | None]:
        """Customers by name and by id."""
        rows = list(Customer.objects.all())
        chosen = {f"@{row.pk}": row for row in rows}
        return self._with_aliases("customers", {**super().customers, **self._by_id(rows)}, chosen)

    @cached_property
    def partners(self) -> dict[str, Partner | None]:
        """Partners by name and by id."""
        rows = list(Partner.objects.all())
        chosen = {f"@{row.pk}": row for row in rows}
        return self._with_aliases("partners", {**super().partners, **self._by_id(rows)}, chosen)

    @cached_property
    def lost_reasons(self) -> dict[str, LostReason | None]:
        """Reasons for a loss by name."""
        known = dict(super().lost_reasons)
        chosen = {f"@{one.pk}": one for one in known.values() if one}
        return self._with_aliases("lost_reasons", known, chosen)

    @property
    def stages(self) -> Any:
        """The stages of the one funnel that the deals of the file go through."""
        return {self.funnel.name.casefold(): self.funnel.stages}

    def _by_id(self, rows: Iterable[Any]) -> dict[str, Any]:
        return {
            f"#{row.external_id}".casefold(): row
            for row in rows
            if row.external_source == self.source and row.external_id
        }

    def _with_aliases(self, kind: str, known: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
        """Names that a person said belong to somebody who is here."""
        said = self.choices.values.get(kind, {})
        return {**known, **{name: chosen[f"@{key}"] for name, key in said.items() if f"@{key}" in chosen}}

    # --- what a row names -------------------------------------------------------------------------

    def find(self, kind: str, name: str, identity: str = "") -> Found:
        """Whom or what a row means; what has to be made for it is pending until `keep` or `drop`."""
        things: dict[str, Any] = getattr(self, kind)
        if not name and not identity:
            return Found()
        for key in _keys(name, identity):
            if things.get(key) is not None:
                return Found(key)
        shown = name or identity
        if name.casefold() in things and name:
            return Found(refused=_("More than one here is called “%(value)s”.") % {"value": shown[:60]})
        fate = self.choices.fate(kind, shown)
        if fate == CREATE and (name or kind == "people"):
            return self._make(kind, shown, identity)
        if fate in (CREATE, LEAVE):
            self.tell(_("Names left out because nobody here has them: %(count)s."))
            return Found()
        return Found(refused=_("“%(value)s” is not known here.") % {"value": shown[:60]})

    def funnel_of_source(self) -> str:
        """The funnel of the deals that this source brought last, or ""."""
        last = Opportunity.objects.filter(external_source=self.source).order_by("-pk").first()
        return last.funnel.name if last else ""

    def take_funnel(self) -> None:
        """Goes by the funnel of the choices from now on."""
        self.funnel = FunnelOfFile(self.dialect, self.choices)

    def not_given(self) -> str:
        """The reason of losses of which none is told, made where it is missing."""
        if NOT_GIVEN.casefold() not in self.lost_reasons:
            return self._make("lost_reasons", NOT_GIVEN, "").key
        return NOT_GIVEN.casefold()

    def knows(self, kind: str, name: str, identity: str) -> bool:
        """Whether it is clear without asking whom or what this means."""
        if kind == "stages":
            return self.funnel.knows(name)
        things: dict[str, Any] = getattr(self, kind)
        return any(things.get(key) is not None for key in _keys(name, identity))

    def _make(self, kind: str, name: str, identity: str) -> Found:
        key = f"#{identity}".casefold() if identity else name.casefold()
        external = {"external_source": self.source, "external_id": identity or f"name:{name}"[:190]}
        row: User | Customer | Partner | LostReason
        if kind == "people":
            row = User(name=name[:150], email=name.lower() if _is_address(name) else None, **external)
        elif kind == "lost_reasons":
            row = LostReason(name=name[:120], position=98)
        else:
            row = (Customer if kind == "customers" else Partner)(name=name[:160], **external)
        self.pending.append((kind, key, row))
        if name.casefold() != key:
            self.pending.append((kind, name.casefold(), row))
        return Found(key)

    def person(self, key: str) -> User:
        """Somebody whom `find` found, also while they are still to be made."""
        pending = {known: row for kind, known, row in self.pending if kind == "people"}
        found = pending.get(key) or self.people[key]
        assert isinstance(found, User)  # noqa: S101 - find gives keys of people only
        return found

    def keep(self) -> None:
        """The row is taken: what it needs will be made."""
        for kind, row in {id(row): (kind, row) for kind, _key, row in self.pending}.values():
            self.fresh.append(row)
            self.told[_made_words(kind)] += 1
        for kind, key, row in self.pending:
            getattr(self, kind)[key] = row
        self.told.update(self.pending_words)
        self.drop()

    def drop(self) -> None:
        """The row is refused: nothing is made for it."""
        self.pending = []
        self.pending_words = []

    def tell(self, words: str) -> None:
        """Counts something worth telling of the file, if the row is taken."""
        self.pending_words.append(words)

    def save_fresh(self) -> None:
        """Saves what the rows so far need; inside the transaction of their batch."""
        self.funnel.save()
        for row in self.fresh:
            if isinstance(row, User):
                made = make_person(
                    row.external_id,
                    row.name,
                    Role.ACCOUNT_EXECUTIVE,
                    self,
                    email=row.email or "",
                    since=SINCE_EVER,
                )
                row.pk, row.__dict__["roles"] = made.pk, made.roles
                row.time_zone = made.time_zone
                row._state.adding = False
            else:
                row.save()
        for identity, known in self.adopted.items():
            type(known)._default_manager.filter(pk=known.pk).update(
                external_source=self.source, external_id=identity
            )
        self.forget_fresh()

    def forget_fresh(self) -> None:
        """Leaves it at names: a dry run saves nothing."""
        self.fresh, self.adopted = [], {}


def _keys(name: str, identity: str) -> list[str]:
    """Under which keys it may stand; also as what was made of this name once and renamed since."""
    by_id = [f"#{identity}".casefold()] if identity else []
    return [*by_id, name.casefold(), f"#name:{name}".casefold()] if name else by_id


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _made_words(kind: str) -> str:
    return {
        "people": _("People made because rows name them: %(count)s."),
        "customers": _("Customers made because rows name them: %(count)s."),
        "partners": _("Partners made because rows name them: %(count)s."),
        "lost_reasons": _("Reasons for a loss made because rows name them: %(count)s."),
    }[kind]

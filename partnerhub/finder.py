"""Finds a deal, partner, colleague, team or page by its name, also where the name was typed wrongly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Model, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from opportunities.models import Opportunity
from partnerhub.navigation import pages_for
from partners.models import Partner

SHOWN = 6  # of each kind
CANDIDATES = 60  # names that share the most with what was typed, compared as a whole
ALIKE = 0.4  # part of the typed trigrams that a name must hold; a lower one finds what nobody meant
LONGEST = 60


@dataclass(frozen=True)
class Found:
    """Something to go to."""

    name: str
    about: str
    url: str


@dataclass(frozen=True)
class Kind:
    """One kind of thing with its rows that a person sees, which columns name it, and how it is told."""

    label: str | Promise
    icon: str
    rows: Callable[[User], QuerySet[Any]]
    columns: tuple[str, ...]
    order: tuple[str, ...]
    tell: Callable[[Any], Found]


def _deals(user: User) -> QuerySet[Opportunity]:
    return Opportunity.objects.visible_to(user).select_related("customer", "stage")


def _deal(deal: Opportunity) -> Found:
    about = " · ".join([deal.customer.name, deal.stage.name] if deal.customer else [deal.stage.name])
    return Found(deal.name, about, reverse("opportunities:detail", args=[deal.pk]))


def _people(user: User) -> Any:
    return User.objects.scores_visible_to(user).active()


KINDS = (
    Kind(
        gettext_lazy("Opportunities"),
        "list-details",
        _deals,
        ("name", "customer__name"),
        ("-stage_entered_at", "pk"),
        _deal,
    ),
    Kind(
        gettext_lazy("Partners"),
        "building-community",
        lambda user: Partner.objects.visible_to(user),
        ("name",),
        ("name", "pk"),
        lambda one: Found(one.name, one.get_type_display(), reverse("partners:detail", args=[one.pk])),
    ),
    Kind(
        gettext_lazy("People"),
        "user",
        _people,
        ("name",),
        ("name", "pk"),
        lambda one: Found(one.name, one.email or "", reverse("apr:person", args=[one.pk])),
    ),
    Kind(
        gettext_lazy("Teams"),
        "users-group",
        lambda user: Team.objects.visible_to(user).active(),
        ("name",),
        ("name", "pk"),
        lambda one: Found(one.name, one.get_kind_display(), reverse("apr:team", args=[one.pk])),
    ),
)


def find(user: User, text: str) -> list[tuple[str | Promise, str, list[Found]]]:
    """What `user` may open and `text` names, as (kind, icon, things) with at most six things of each kind.

    Every typed word must be part of a name. Where nothing is called so, names that look alike are offered.
    """
    text = text.replace("\0", "").strip()[:LONGEST]
    if not text:
        return [(_("Pages"), "arrow-right", pages_found(user, ""))]
    found = [(kind.label, kind.icon, _named(kind, user, text)) for kind in KINDS]
    found.append((_("Pages"), "arrow-right", pages_found(user, text)))
    if not any(things for _label, _icon, things in found):
        found = [(kind.label, kind.icon, _alike(kind, user, text)) for kind in KINDS]
    return [one for one in found if one[2]]


def pages_found(user: User, text: str) -> list[Found]:
    """The pages of the navigation and of the settings whose name holds every word; all without a word."""
    words = text.casefold().split()
    return [
        Found(str(label), "", url)
        for label, url in pages_for(user)
        if all(word in str(label).casefold() for word in words)
    ]


def _named(kind: Kind, user: User, text: str) -> list[Found]:
    rows = kind.rows(user)
    for word in text.split():
        rows = rows.filter(_any_column(kind, word))
    return [kind.tell(row) for row in rows.order_by(*kind.order)[:SHOWN]]


def _any_column(kind: Kind, part: str) -> Q:
    told = Q()
    for column in kind.columns:
        told |= Q(**{f"{column}__icontains": part})
    return told


def _alike(kind: Kind, user: User, text: str) -> list[Found]:
    """Names that share enough trigrams with what was typed, the most alike first."""
    wanted = trigrams(text)
    shared: Any = sum(
        (
            Case(When(_holds(kind, part), then=1), default=0)
            for part in sorted(wanted)
            if len(part.strip()) > 1
        ),
        Value(0, output_field=IntegerField()),
    )
    rows = kind.rows(user).annotate(shared=shared).filter(shared__gt=0)
    scored = [
        (likeness(wanted, row, kind.columns), row)
        for row in rows.order_by(F("shared").desc(), "pk")[:CANDIDATES]
    ]
    close = sorted((one for one in scored if one[0] >= ALIKE), key=lambda one: (-one[0], one[1].pk))
    return [kind.tell(row) for _score, row in close[:SHOWN]]


def _holds(kind: Kind, part: str) -> Q:
    """Whether a column holds the trigram; a blank before it is the beginning of a word."""
    told = _any_column(kind, part.rstrip())
    if part.startswith(" "):
        for column in kind.columns:
            told |= Q(**{f"{column}__istartswith": part.strip()})
    return told


def likeness(wanted: set[str], row: Model, columns: tuple[str, ...]) -> float:
    """The greatest part of the wanted trigrams that one of the columns holds: 0 to 1."""
    return max(len(wanted & trigrams(value)) / len(wanted) for value in _values(row, columns))


def _values(row: Model, columns: tuple[str, ...]) -> Iterator[str]:
    for column in columns:
        value: Any = row
        for step in column.split("__"):
            value = getattr(value, step, None)
        yield str(value or "")


def trigrams(text: str) -> set[str]:
    """Every three letters in a row, with two blanks before each word and one after it, as in pg_trgm."""
    return {
        padded[at : at + 3]
        for word in text.casefold().split()
        for padded in [f"  {word} "]
        for at in range(len(padded) - 2)
    }


__all__ = ["Found", "find"]

"""What somebody is about to log: read from the line they typed, from the page, from what they logged last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from apr.logline import LEAST_LETTERS, Day, Found, Name, Reading, plain, read_line
from apr.models import Action, ActionCapacity, ActionCategory, ActionType
from apr.scorecards import action_types
from apr.services.actions import guess_capacity
from opportunities.models import Opportunity
from partners.models import Partner

NAMES_READ = 400  # so many names at most are held against a line
WITH_A_COLLEAGUE = {ActionCategory.COACHING, ActionCategory.DEAL_INVOLVEMENT}


@dataclass(frozen=True)
class Word:
    """A stretch of the line: what it was understood as (`type`, `with`, …), or nothing."""

    text: str
    kind: str = ""
    hue: str = ""


@dataclass
class Draft:
    """Values by field, with the source of each in words; one other person where the name fits two."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    instead: User | None = None

    def put(self, name: str, value: Any, source: str) -> None:
        """Fills a field that has no value yet; nothing is put in the place of what is there."""
        if value not in (None, "") and name not in self.values:
            self.values[name], self.sources[name] = value, source


def draft_of(
    user: User, line: str, given: Mapping[str, tuple[Any, str]], page: Mapping[str, Any], today: date
) -> Draft:
    """What is to be logged. `given` (value and source by field) goes before the line, the line before the
    `page` that the log was opened on, and that before guesses. A field given as None stays empty."""
    draft = Draft()
    for name, (value, source) in given.items():
        draft.values[name], draft.sources[name] = value, source
    types = [kind for kind in action_types() if kind.is_active]
    if line.strip():
        _read(draft, user, line, types, page.get("opportunity"), today)
    for name, value in page.items():
        draft.put(name, value, _("from the page"))
    last = _last(user, draft.values.get("opportunity"))
    if not line.strip() and not any(value for name, value in draft.values.items() if name != "occurred_on"):
        _as_last_time(draft, last)
    if last is not None and last.action_type.is_active:
        draft.put("action_type", last.action_type, _("as last time"))
    draft.put("action_type", types[0] if types else None, _("the first type"))
    draft.put("occurred_on", today, _("today"))
    _from_deal(draft, user)
    return draft


# --- from the line --------------------------------------------------------------------------------


def _read(
    draft: Draft, user: User, line: str, types: list[ActionType], on_page: Opportunity | None, today: date
) -> None:
    deal: Opportunity | None = draft.values.get("opportunity")
    deals = {row.pk: row for row in _deals(user, line)}
    partners = {row.pk: row for row in _mentioned(Partner.objects.visible_to(user), line)}
    people = {row.pk: row for row in _mentioned(User.objects.visible_to(user).active(), line)}
    people.pop(user.pk, None)

    def reading_with(on_deal: set[int | None]) -> Reading:
        return read_line(
            line,
            types=[Name(kind.pk, kind.name, key=kind.key) for kind in types],
            people=[Name(pk, row.name, int(pk in on_deal)) for pk, row in people.items()],
            deals=[Name(pk, row.name, _nearness(row, user)) for pk, row in deals.items()],
            partners=[Name(pk, row.name) for pk, row in partners.items()],
            today=today,
        )

    reading = reading_with(set())
    deal = deal or (deals[reading.deal.value] if reading.deal else on_page)
    if deal is not None:  # a first name then means whoever works on the deal
        reading = reading_with({deal.owner_id, deal.partner_manager_id})

    def put(name: str, found: Found | Day | None, value: Any) -> None:
        if found is not None:
            draft.put(name, value, f"“{reading.words(found)}”")

    if reading.person is not None:
        others = [people[pk] for pk in reading.person.others]
        draft.instead = others[0] if others and "counterpart" not in draft.values else None
    put("action_type", reading.action_type, _of(reading.action_type, {kind.pk: kind for kind in types}))
    put("counterpart", reading.person, _of(reading.person, people))
    put("opportunity", reading.deal, _of(reading.deal, deals))
    put("partner", reading.partner, _of(reading.partner, partners))
    put("duration_minutes", reading.minutes, reading.minutes and reading.minutes.value)
    put("occurred_on", reading.day, reading.day and reading.day.value)
    draft.put("notes", reading.rest, _("the rest of the line"))
    draft.words = _words(reading, _of(reading.person, people), deal)


def _of(found: Found | None, rows: Mapping[int, Any]) -> Any:
    return rows[found.value] if found is not None else None


def _mentioned(rows: QuerySet[Any], line: str) -> list[Any]:
    """The rows of whose names a word stands in the line."""
    tokens = {token for token in plain(line).replace(",", " ").split() if len(token) >= LEAST_LETTERS}
    tokens |= {token for token in line.replace(",", " ").split() if len(token) >= LEAST_LETTERS}
    if not tokens:
        return []
    # Accents are folded only here: every name is held against the line where there are few of them.
    found = list(rows.order_by("pk")[: NAMES_READ + 1])
    if len(found) <= NAMES_READ:
        return found
    named = Q()
    for token in sorted(tokens):
        named |= Q(name__icontains=token)
    return list(rows.filter(named).order_by("-pk")[:NAMES_READ])


def _deals(user: User, line: str) -> list[Opportunity]:
    rows = Opportunity.objects.visible_to(user).select_related("customer", "owner", "partner_manager")
    return [*_mentioned(rows.open(), line)]


def _nearness(deal: Opportunity, user: User) -> int:
    return int(user.pk in (deal.owner_id, deal.partner_manager_id))


def _words(reading: Reading, person: User | None, deal: Opportunity | None) -> list[Word]:
    """The line cut into what was understood and what was not, in order."""
    hue = ""
    if person is not None and deal is not None:
        hue = {deal.owner_id: "ae", deal.partner_manager_id: "pm"}.get(person.pk, "")
    kinds = [
        (reading.action_type, _("type"), ""),
        (reading.person, _("with"), hue),
        (reading.deal, _("deal"), ""),
        (reading.partner, _("partner"), ""),
        (reading.minutes, _("length"), ""),
        (reading.day, _("when"), ""),
    ]
    found = sorted((one.start, one.end, kind, hue) for one, kind, hue in kinds if one is not None)
    words, at = [], 0
    for start, end, kind, hue in found:
        words += [Word(reading.line[at:start]), Word(reading.line[start:end], kind, hue)]
        at = end
    return [word for word in [*words, Word(reading.line[at:])] if word.text]


# --- guesses --------------------------------------------------------------------------------------


def _last(user: User, deal: Opportunity | None) -> Action | None:
    """The action logged last: on the deal, if there is one."""
    rows = user.actions.standing().select_related(
        "action_type", "opportunity__customer", "partner", "counterpart"
    )
    of_deal = rows.filter(opportunity=deal).first() if deal is not None else None
    return of_deal or rows.first()


def _as_last_time(draft: Draft, last: Action | None) -> None:
    if last is None or not last.action_type.is_active:
        return
    for name in ("action_type", "opportunity", "partner", "counterpart"):
        draft.put(name, getattr(last, name), _("as last time"))


def _from_deal(draft: Draft, user: User) -> None:
    """The colleague, the partner and the hat that follow from the deal and the type."""
    deal: Opportunity | None = draft.values.get("opportunity")
    kind: ActionType | None = draft.values.get("action_type")
    if kind is None:
        return
    capacity = guess_capacity(actor=user, action_type=kind, deal=deal)
    if deal is not None:
        colleague = deal.partner_manager if deal.owner_id == user.pk else deal.owner
        if kind.category in WITH_A_COLLEAGUE and colleague != user:
            draft.put("counterpart", colleague, _("works on this deal"))
        if capacity != ActionCapacity.ACCOUNT_EXECUTIVE:
            involved = deal.involvements.select_related("partner").first()
            draft.put("partner", involved.partner if involved else None, _("from the deal"))
    on_deal = deal is not None and user.pk in (deal.owner_id, deal.partner_manager_id)
    source = (
        _("from the type") if kind.is_coaching else _("from the deal") if on_deal else _("from your role")
    )
    draft.put("capacity", capacity, source)

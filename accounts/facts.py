"""What held of people on which days: absences, teams and roles, of as many people as needed in one query."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import Absence, Holiday, Membership, RoleGrant
from accounts.models.people import Grant
from foundation.dated import DateRange
from foundation.once import once, remember


class Stay(NamedTuple):
    """Days in a team."""

    team_id: int
    dates: DateRange


@dataclass(frozen=True)
class Facts:
    """By the person's id; each list in the order of its days."""

    absences: dict[int, list[DateRange]] = field(default_factory=lambda: defaultdict(list))
    stays: dict[int, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    grants: dict[int, list[Grant]] = field(default_factory=lambda: defaultdict(list))


def facts_of(people: Collection[int], start: date, end: date) -> Facts:
    """The teams and roles that these people have or had, and their absences in [start, end). One query."""
    return once(("facts", frozenset(people), start, end), lambda: _read(people, start, end))


# Holidays come along: whoever needs these facts needs them, too.
_HOLIDAYS = f"SELECT 'Holiday', 0, '', date, CAST(NULL AS date) FROM {Holiday._meta.db_table}"
_ABOUT = {Absence: "''", Membership: "CAST(team_id AS VARCHAR(20))", RoleGrant: "role"}
_ROWS = " UNION ALL ".join(
    [
        _HOLIDAYS,
        *(
            f"SELECT '{model.__name__}', user_id, {about}, starts_on, ends_on FROM {model._meta.db_table} "
            "WHERE user_id IN ({people})"
            for model, about in _ABOUT.items()
        ),
    ]
)


def _read(people: Collection[int], start: date, end: date) -> Facts:
    facts = Facts()
    if not people:
        return facts
    rows = _ROWS.format(people=", ".join(str(int(pk)) for pk in people))
    away = "kind <> %s OR ((ends_on IS NULL OR ends_on > %s) AND starts_on < %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH facts (kind, user_id, about, starts_on, ends_on) AS "
            f"({rows}) SELECT * FROM facts WHERE {away} ORDER BY starts_on, about",
            [Absence.__name__, start, end],
        )
        found = cursor.fetchall()
    known: dict[tuple[Any, Any], DateRange] = {}  # most people share their days
    remember("holidays", frozenset(_date(row[3]) for row in found if not row[1]))
    for kind, user, about, starts_on, ends_on in found:
        if not user:
            continue
        dates = known.get((starts_on, ends_on))
        if dates is None:
            dates = known[starts_on, ends_on] = DateRange(_date(starts_on), ends_on and _date(ends_on))
        if kind == Absence.__name__:
            facts.absences[user].append(dates)
        elif kind == Membership.__name__:
            facts.stays[user].append(Stay(int(about), dates))
        else:
            facts.grants[user].append(Grant(about, dates))
    return facts


def _date(value: date | str) -> date:
    """A date as plain SQL hands it out: SQLite keeps dates as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value

"""What was known of a subject when a period was closed, for pages and API."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum

from accounts.models import Membership, Organisation, Team, User
from apr.closing.figures import Known, figures_of_rows, nothing_known, read_back
from apr.models import Closing, KnownScorecard
from apr.periods import Period
from apr.readers import Reading
from apr.scorecards import Subject


@dataclass(frozen=True)
class Side:
    """Which rows stand in the figures of a subject: those of a person, of teams, or (None) all."""

    user_id: int | None = None
    teams: frozenset[int] | None = None

    def has(self, user_id: int, team_id: int) -> bool:
        """Whether a row of this person, on a day in this team, is one of them."""
        return self.user_id in (None, user_id) and (self.teams is None or team_id in self.teams)

    @property
    def rows(self) -> Q:
        """The same as a condition."""
        conditions: dict[str, Any] = {}
        if self.user_id is not None:
            conditions["user"] = self.user_id
        if self.teams is not None:
            conditions["team__in"] = self.teams
        return Q(**conditions)

    @property
    def condition(self) -> tuple[str, tuple[int, ...]]:
        """The same as SQL."""
        conditions, asked = ["1 = 1"], list[int]()
        if self.user_id is not None:
            conditions.append("user_id = %s")
            asked.append(self.user_id)
        if self.teams is not None:
            conditions.append(f"team_id IN ({', '.join(['%s'] * len(self.teams)) or 'NULL'})")
            asked += sorted(self.teams)
        return " AND ".join(conditions), tuple(asked)

    def people(self, period: Period) -> Q:
        """A condition on actions that leaves out nobody whose rows may stand in the figures now."""
        if self.user_id is not None:
            return Q(actor=self.user_id)
        if self.teams is None:
            return Q()
        members = Membership.objects.filter(team__in=self.teams).overlapping(period.start, period.end)
        return Q(actor__in=members.values("user"))


def sides(closing: Closing, subject: Subject, within: Collection[int] | None) -> tuple[Side, Side]:
    """Which rows stood in the figures when the period was closed, and which do now.

    `within` narrows a person's to the days in these teams.
    """
    if isinstance(subject, User):
        own = Side(subject.pk, None if within is None else frozenset(within))
        return own, own
    if isinstance(subject, Team):
        below = Team.objects.with_below({subject.pk})
        return Side(teams=closing.teams_below(subject.pk)), Side(teams=frozenset(below))
    return Side(), Side()


def closing_of(period: Period) -> Closing | None:
    """The closing that stands of a period, None where it is open."""
    standing = Closing.objects.of(period).standing().done()
    return standing.select_related("closed_by").first()


def known_of(closing: Closing, subject: Subject, within: Collection[int] | None, currency: str) -> Known:
    """The figures as they were known. Narrowed to some teams they are sums of rows, without targets.

    Of somebody without stored figures nothing was known; `currency` is that of such nothing.
    """
    if within is not None:
        return _of_rows(closing, sides(closing, subject, within)[0], currency)
    about: dict[str, Any] = {"user": None, "team": None}
    if isinstance(subject, User | Team):
        about["user" if isinstance(subject, User) else "team"] = subject
    stored = KnownScorecard.objects.filter(closing=closing, **_nulls(about)).first()
    return nothing_known(currency) if stored is None else read_back(stored.figures)


def _nulls(about: dict[str, Any]) -> dict[str, Any]:
    return {name if value else f"{name}__isnull": value or True for name, value in about.items()}


def _of_rows(closing: Closing, side: Side, currency: str) -> Known:
    rows = closing.actions.filter(side.rows).order_by().values_list("action_type_id")
    actions = rows.annotate(Count("action_id"), Sum("raw"), Sum("counted"), Sum("confirmed"))
    return figures_of_rows(actions, closing.credits.filter(side.rows), currency)


@dataclass(frozen=True)
class AsKnown:
    """Figures as they were known, and the closing that kept them."""

    closing: Closing
    figures: Known


def as_known(about: Reading, period: Period) -> AsKnown | None:
    """What was known of whom a reader asks about, None where the period is open."""
    closing = closing_of(period)
    if closing is None:
        return None
    currency = Organisation.current().reporting_currency
    return AsKnown(closing, known_of(closing, about.subject, about.within, currency))

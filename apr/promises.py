"""Promises between colleagues, seen alike by both: what is open, what became of the others, what was kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from fractions import Fraction

from django.db.models import QuerySet

from accounts.models import User
from apr.periods import Period
from foundation.dated import DateRange
from opportunities.models import Commitment, CommitmentOutcome

RELATED = ("opportunity", "made_by", "made_to")


@dataclass(frozen=True)
class KeptRate:
    """Promises kept by their day, of those that fell due (scoring.md); `rows` are the due ones."""

    rows: tuple[Commitment, ...]

    @property
    def kept(self) -> int:
        """How many were kept by then; late is not."""
        return sum(row.outcome == CommitmentOutcome.KEPT for row in self.rows)

    @property
    def due(self) -> int:
        """How many fell due."""
        return len(self.rows)

    @property
    def ratio(self) -> Fraction | None:
        """The part that was kept; None where nothing fell due."""
        return Fraction(self.kept, self.due) if self.due else None


def kept_rate(rows: Iterable[Commitment], dates: DateRange, today: date, zone: tzinfo) -> KeptRate:
    """The rate over the promises due on `dates`. One that is not due yet counts from the day on which it is
    settled, else from the day after it was due; one withdrawn before its day never does."""
    return KeptRate(tuple(row for row in rows if dates.contains(row.due_on) and _counts(row, today, zone)))


def _counts(row: Commitment, today: date, zone: tzinfo) -> bool:
    if row.settled_at is None:
        return row.due_on < today
    settled_on = row.settled_at.astimezone(zone).date()
    return row.outcome != CommitmentOutcome.WITHDRAWN or settled_on >= row.due_on


@dataclass(frozen=True)
class BothWays:
    """What somebody promised to colleagues, and what colleagues promised to them, by the same formula."""

    mine: KeptRate
    theirs: KeptRate


def both_ways(
    person: User, reader: User, colleague: User | None, period: Period, today: date, zone: tzinfo
) -> BothWays:
    """The two rates of a person in a period, with one colleague or with all. Two queries."""
    due = Commitment.objects.visible_to(reader).select_related(*RELATED).order_by("due_on", "pk")
    due = due.filter(due_on__gte=period.start, due_on__lt=period.end)
    mine = promised_by(due, person, colleague).filter(made_to__isnull=False)
    theirs = promised_to(due, person, colleague)
    return BothWays(*(kept_rate(rows, period.dates, today, zone) for rows in (mine, theirs)))


def promised_by(
    rows: QuerySet[Commitment], person: User, colleague: User | None = None
) -> QuerySet[Commitment]:
    """What a person promised, to one colleague or to anybody."""
    mine = rows.filter(made_by=person)
    return mine if colleague is None else mine.filter(made_to=colleague)


def promised_to(
    rows: QuerySet[Commitment], person: User, colleague: User | None = None
) -> QuerySet[Commitment]:
    """What one colleague, or anybody, promised to a person."""
    theirs = rows.filter(made_to=person)
    return theirs if colleague is None else theirs.filter(made_by=colleague)

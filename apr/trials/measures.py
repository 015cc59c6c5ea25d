"""The measures that a trial can declare: what each person did themselves, in a week of five working days.

Each is defined for everybody. A share, such as that of promises kept, would leave out who made none, and
whether somebody made any may itself follow from the nudge.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet

from accounts.calendars import organisation_calendar
from accounts.models import Organisation
from apr.models import Action, Confirmation, TrialMeasure
from apr.rollup.pending import pending
from apr.rollup.reading import counts
from apr.rollup.tallies import Grain
from foundation.dated import DateRange
from opportunities.models import Commitment, CommitmentOutcome

WEEK = 5  # working days


def measured(measure: TrialMeasure, people: Collection[int], start: date, end: date) -> dict[int, float]:
    """How much of it each of the people did in a working week of [start, end), by the office's calendar.

    Days on which somebody was away count as well, and whoever left did nothing: nobody leaves a half.
    """
    done = Counter(dict.fromkeys(people, 0))
    for person, amount in DONE[measure](people, start, end):
        done[person] += amount
    weeks = organisation_calendar().working_days(start, end) / WEEK
    return {person: done[person] / weeks if weeks else 0.0 for person in people}


def _points(people: Collection[int], start: date, end: date) -> Iterator[tuple[int, int]]:
    """Counted points, as on every scorecard."""
    dates = DateRange(start, end)
    for person, _day, points in counts(people, dates, Grain.DAY, pending(people, dates)):
        yield person, points


def _promises(people: Collection[int], start: date, end: date) -> Iterator[tuple[int, int]]:
    for person in kept_promises(people, start, end).values_list("made_by", flat=True):
        yield person, 1


def kept_promises(people: Collection[int], start: date, end: date) -> QuerySet[Commitment]:
    """Promises kept by their day, to a colleague or to the deal, by the day on which that was said."""
    kept = Commitment.objects.filter(made_by__in=people, outcome=CommitmentOutcome.KEPT)
    return _within(kept, "settled_at", start, end)


def _answers(people: Collection[int], start: date, end: date) -> Iterator[tuple[int, int]]:
    for person in given_answers(people, start, end).values_list("counterpart", flat=True):
        yield person, 1


def given_answers(people: Collection[int], start: date, end: date) -> QuerySet[Action]:
    """Entries of colleagues that these people confirmed or disputed."""
    answered = Action.objects.standing().filter(counterpart__in=people)
    return _within(answered.exclude(confirmation=Confirmation.NONE), "confirmed_at", start, end)


def _within(rows: QuerySet[Any], moment: str, start: date, end: date) -> QuerySet[Any]:
    """The rows whose moment lies in these days of the organisation, in order."""
    zone = Organisation.current().tzinfo
    first, after = (datetime.combine(day, time(), zone) for day in (start, end))
    return rows.filter(**{f"{moment}__gte": first, f"{moment}__lt": after}).order_by(moment, "pk")


DONE: dict[TrialMeasure, Callable[[Collection[int], date, date], Iterator[tuple[int, int]]]] = {
    TrialMeasure.POINTS: _points,
    TrialMeasure.PROMISES: _promises,
    TrialMeasure.ANSWERS: _answers,
}

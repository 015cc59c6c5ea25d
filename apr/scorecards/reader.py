"""What the figures of one scorecard share: frame, types and marks; and how figures are put together."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from copy import copy
from dataclasses import replace
from datetime import date

from accounts.models import Organisation, User
from accounts.rates import Rates
from apr.models import ActionType, Metric, ScoreUnit
from apr.periods import Period, PeriodKind
from apr.rollup.lines import Line, Members, lines
from apr.rollup.pending import pending
from apr.rollup.reading import Part
from apr.scorecards.expectations import Expectation, Frame
from apr.scorecards.figures import Points, Results, Score, Subject, TypeScore, WorkingTime, total_points
from apr.scorecards.outcomes import results_of
from foundation.once import once


class Reader:
    """Reads the figures of some people in a period, and their results in `results_in` where that is another
    one. `longer` is the frame of the results. What else is narrowed down to lies within `reach`. A `frame` of
    these people that has been read already, of a period around, spares reading another one."""

    def __init__(
        self,
        people: Collection[int],
        period: Period,
        results_in: Period | None = None,
        *,
        today: date | None,
        own_today: date | None = None,
        reach: Period | None = None,
        are_all: bool = False,
        frame: Frame | None = None,
    ) -> None:
        every = [period, results_in or period, reach or period]
        whole = replace(period, start=min(p.start for p in every), end=max(p.end for p in every))
        self.whole = frame or Frame(
            Organisation.current(), whole, people, judged_on=today, own_today=own_today
        )
        self.period, self.unit = period, unit_of(period)
        self.people: Collection[int] | None = None if are_all else people
        self.marks = pending(self.people, whole.dates)
        self.frame = self.whole.narrowed(period)
        self.longer = self.frame if results_in is None else self.whole.narrowed(results_in)
        self.types = action_types()

    @classmethod
    def of_person(
        cls,
        user: User,
        period: Period,
        results_in: Period | None = None,
        *,
        reach: Period | None = None,
        today: date | None,
    ) -> "Reader":
        """Of one person, by their own date."""
        return cls([user.pk], period, results_in, reach=reach, today=today, own_today=user.today())

    def judged_on(self, day: date) -> "Reader":
        """The same on another day, without reading anything again."""
        judged = copy(self)
        judged.frame, judged.longer = self.frame.judged_on(day), self.longer.judged_on(day)
        return judged

    def score(self, subject: Subject, parts: Iterable[Part], wanted: Expectation, time: WorkingTime) -> Score:
        """A subject's score from its parts."""
        by_type = _by_type(parts)
        total = total_points(by_type.values())
        judged = self.frame.judge(total.counted, wanted)
        return Score(
            subject=subject,
            period=self.period,
            raw_points=total.raw,
            counted_points=total.counted,
            confirmed_points=total.confirmed,
            target=judged.target,
            expected_to_date=judged.expected_to_date,
            attainment=judged.attainment,
            pace=judged.pace,
            status=judged.status,
            by_type=[
                TypeScore(kind, points.count, points.raw, points.counted, points.confirmed)
                for kind in self.types
                if (points := by_type.get(kind.pk)) is not None
            ],
            pending_changes=self.marks.work_changes,
            working_days=time.days,
            working_days_gone=time.gone,
            working_days_left=time.left,
            why=wanted.why,
        )

    def lines(self, members: Members, *, together: bool = False) -> list[Line]:
        """The credits of deals of the members in the period of the results."""
        rates = Rates(self.longer.organisation.reporting_currency)
        dates, today = self.longer.period.dates, self.longer.priced_today
        return lines(members, dates, self.marks, rates, today, together=together)

    def results(
        self, subject: Subject, found: Iterable[Line], expect: Callable[[Metric], Expectation]
    ) -> Results:
        """A subject's results from its lines."""
        return results_of(subject, self.longer, found, expect, self.marks.deal_changes)


def action_types() -> list[ActionType]:
    """All types, in the admin's order."""
    return once("action types", lambda: list(ActionType.objects.all()))


def unit_of(period: Period) -> ScoreUnit:
    """Quarters and years are read from months: they begin and end with one."""
    return ScoreUnit.WEEK if period.kind == PeriodKind.WEEK else ScoreUnit.MONTH


def _by_type(parts: Iterable[Part]) -> dict[int, Points]:
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for part in parts:
        one = sums[part.action_type_id]
        one[0] += part.actions
        one[1] += part.raw
        one[2] += part.counted
        one[3] += part.confirmed
    return {kind: Points(*figures) for kind, figures in sums.items()}

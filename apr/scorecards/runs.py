"""How a score grew day by day, beside what was expected to."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import accumulate

from apr.models import Metric
from apr.scorecards.expectations import Frame
from apr.scorecards.figures import PointsRun
from foundation.dated import DateRange


def points_run(frame: Frame, user_id: int, points: Iterable[tuple[date, int]]) -> PointsRun:
    """The run of a person's counted points over the frame's period, from their points by day."""
    start, end = frame.period.start, frame.period.end
    gone = (min(frame.today + timedelta(days=1), end) - start).days
    by_day = [0] * max(gone, 0)
    for day, counted in points:
        if (step := (day - start).days) < gone:
            by_day[step] += counted
    expected = []
    if frame.of_person(user_id, Metric.APR_POINTS, [frame.period.dates]).target is not None:
        ends = [start + timedelta(days=step) for step in range((end - start).days + 1)]
        parts = [frame.of_person(user_id, Metric.APR_POINTS, [DateRange(start, day)]) for day in ends]
        expected = [part.target or 0 for part in parts]
    away = [((a.start - start).days, ((a.end or end) - start).days) for a in frame.absent(user_id)]
    return PointsRun(list(accumulate(by_day, initial=0)), expected, away)

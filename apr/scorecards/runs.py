"""How a score grew day by day, beside what was expected to."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import accumulate

from apr.models import Metric
from apr.rollup.reading import Part
from apr.scorecards.expectations import Frame
from apr.scorecards.figures import PointsRun
from foundation.dated import DateRange


def points_run(frame: Frame, user_id: int, days: Sequence[DateRange], parts: Iterable[Part]) -> PointsRun:
    """The run of a person's counted points over the frame's period, from the parts of their days."""
    start, end = frame.period.start, frame.period.end
    gone = (min(frame.today + timedelta(days=1), end) - start).days
    by_day = [0] * max(gone, 0)
    for part in parts:
        if part.start is not None and (step := (part.start - start).days) < gone:
            by_day[step] += part.counted
    return PointsRun(
        achieved=list(accumulate(by_day, initial=0)),
        expected=frame.run_of_person(user_id, Metric.APR_POINTS, days),
        away=[((a.start - start).days, ((a.end or end) - start).days) for a in frame.absent(user_id)],
    )

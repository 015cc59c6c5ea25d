"""How a score grew day by day, beside what was expected to."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import accumulate

from apr.models import Metric
from apr.scorecards.expectations import Frame
from apr.scorecards.figures import PointsRun
from foundation.dated import DateRange


def points_run(
    frame: Frame, user_id: int, days: Sequence[DateRange], counted: Iterable[tuple[date, int]]
) -> PointsRun:
    """The run of a person's points over the frame's period, from what each of their days counted."""
    start, end = frame.period.start, frame.period.end
    gone = (min(frame.today + timedelta(days=1), end) - start).days
    by_day = [0] * max(gone, 0)
    for day, points in counted:
        if (step := (day - start).days) < gone:
            by_day[step] += points
    return PointsRun(
        achieved=list(accumulate(by_day, initial=0)),
        expected=frame.run_of_person(user_id, Metric.APR_POINTS, days),
        away=[((a.start - start).days, ((a.end or end) - start).days) for a in frame.absent(user_id)],
    )

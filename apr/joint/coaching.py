"""How many coaching sessions a partner manager owes to one account executive."""

from collections import defaultdict
from fractions import Fraction

from apr.models import ActionCategory, ActionType, Metric
from apr.scorecards.expectations import Frame
from apr.scoring import Rule, rule_on


class Coaching:
    """The kinds of coaching in the admin's order, and what they are worth. One query."""

    def __init__(self) -> None:
        rows = ActionType.objects.filter(category=ActionCategory.COACHING).values_list(
            "key", "point_rules__effective_from", "point_rules__points"
        )
        self._rules: dict[str, list[Rule]] = defaultdict(list)
        for key, effective_from, points in rows.order_by("position", "name"):
            self._rules[key] += [] if effective_from is None else [Rule(effective_from, points)]

    def expected(self, frame: Frame, pm_id: int, account_executives: int) -> Fraction:
        """The sessions expected of a partner manager with one account executive in the frame's period; 0
        where no target holds.

        The target is the partner manager's own for the number of actions of the coaching types, spread over
        working days as every target; without one, that for points of the category, divided by what a session
        of the first type that has points is worth on the period's last day (or today). It is a target for
        all their coaching, so each of those with whom they share a deal in the period is owed an equal part.
        """
        if not account_executives:
            return Fraction(0)
        days = [frame.period.dates]
        counts = [frame.of_person(pm_id, Metric.ACTION_COUNT, days, key).target for key in self._rules]
        if any(count is not None for count in counts):
            return sum((count for count in counts if count), Fraction(0)) / account_executives
        points = frame.of_person(pm_id, Metric.CATEGORY_POINTS, days, ActionCategory.COACHING).target
        worth = self._worth_of_a_session(frame)
        return points / worth / account_executives if points and worth else Fraction(0)

    def _worth_of_a_session(self, frame: Frame) -> int:
        last_day = min(frame.period.dates.days()[-1], frame.today)
        worths = (rule_on(rules, last_day).points for rules in self._rules.values())
        return next((worth for worth in worths if worth), 0)

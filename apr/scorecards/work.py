"""The points of some people in a period: what they did × the rules."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from apr.models import Action, PointRule
from apr.scorecards.figures import Points
from apr.scoring import DayCounts, Rule, day_points, rule_on


@dataclass(frozen=True)
class DayScore:
    """One person's points of one action type on one day."""

    user_id: int
    day: date
    action_type_id: int
    points: Points


def day_scores(user_ids: Collection[int], start: date, end: date) -> list[DayScore]:
    """Points by person, day and type for the days of [start, end). Two queries."""
    rules = point_rules()
    return [
        DayScore(user, day, kind, points_of(counts, rule_on(rules[kind], day)))
        for user, day, kind, counts in _day_counts(user_ids, start, end)
    ]


def points_of(counts: DayCounts, rule: Rule) -> Points:
    """The figures of a day's actions of one type."""
    points = day_points(counts, rule)
    return Points(counts.count, points.raw, points.counted, points.confirmed)


def point_rules() -> dict[int, list[Rule]]:
    """All point rules by action type."""
    rules: dict[int, list[Rule]] = defaultdict(list)
    for rule in PointRule.objects.all():
        rules[rule.action_type_id].append(Rule(rule.effective_from, rule.points, rule.daily_cap))
    return rules


def _day_counts(
    user_ids: Collection[int], start: date, end: date
) -> Iterable[tuple[int, date, int, DayCounts]]:
    actions = Action.objects.that_count().filter(
        actor__in=user_ids, occurred_on__gte=start, occurred_on__lt=end
    )
    rows = (
        actions.order_by()
        .values_list("actor", "occurred_on", "action_type")
        .annotate(
            done=Count("pk"),
            disputed=Count("pk", filter=Q(confirmation="disputed")),
            confirmed=Count("pk", filter=Q(confirmation="confirmed")),
        )
    )
    for user, day, kind, done, disputed, confirmed in rows:
        yield user, day, kind, DayCounts(done, disputed, confirmed)

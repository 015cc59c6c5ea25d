"""A past period under other point rules. Nothing is stored: the actions are counted once more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import numpy as np
from django.db.models import Sum

from accounts.models import RoleGrant
from apr.models import Action, PeriodScore, PointRule, ScoreUnit
from apr.periods import Period
from apr.rollup.tallies import counted
from apr.scoring import NO_RULE, DayCounts, Rule, day_points, rule_on

TARGET_SHARE = 80  # per cent of weeks that stayed at or below what is suggested
WEEKS = 12
WEEKS_A_MONTH = 52 / 12
FEWEST = 20  # weeks of people, to suggest anything


@dataclass
class Two:
    """Counted points as they are, and as they would be."""

    now: int = 0
    other: int = 0

    @property
    def change(self) -> int:
        return self.other - self.now

    def add(self, now: int, other: int) -> None:
        self.now += now
        self.other += other


@dataclass
class Replay:
    """Both figures in all, by person (key) and by action type (key)."""

    total: Two = field(default_factory=Two)
    people: dict[int, Two] = field(default_factory=dict)
    types: dict[int, Two] = field(default_factory=dict)


def rules_by_type() -> dict[int, list[Rule]]:
    """All rules of each action type."""
    rules: dict[int, list[Rule]] = {}
    for kind, since, points, cap in PointRule.objects.values_list(
        "action_type", "effective_from", "points", "daily_cap"
    ):
        rules.setdefault(kind, []).append(Rule(since, points, cap))
    return rules


def replay(period: Period, others: Mapping[int, Rule]) -> Replay:
    """The period's counted points by the rules of its days, and by `others` on every day of it.

    A type that `others` does not name keeps its own rules.
    """
    rules = rules_by_type()

    @cache
    def own(kind: int, day: date) -> Rule:
        return rule_on(rules.get(kind, []), day) if kind in rules else NO_RULE

    found = Replay()
    days = Action.objects.filter(occurred_on__gte=period.start, occurred_on__lt=period.end)
    for user, day, kind, done, disputed, confirmed in counted(days).iterator(10_000):
        counts = DayCounts(done, disputed, confirmed)
        now = day_points(counts, own(kind, day)).counted
        other = day_points(counts, others.get(kind) or own(kind, day)).counted
        for two in (
            found.total,
            found.people.setdefault(user, Two()),
            found.types.setdefault(kind, Two()),
        ):
            two.add(now, other)
    return found


@dataclass(frozen=True)
class Suggestion:
    """A target of points a month that four weeks in five of the last twelve would not have passed."""

    role: str
    a_week: int
    a_month: int
    people: int
    weeks: int


def suggest_target(role: str, today: date) -> Suggestion | None:
    """From the stored scores of those who hold the role; None where there are too few weeks of them.

    A person's weeks begin with the first of the twelve in which they have points; a later week without any
    counts as 0.
    """
    monday = today - timedelta(days=today.weekday())
    starts = [monday - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]
    holders = list(RoleGrant.objects.on(today).filter(role=role).values_list("user", flat=True))
    sums = (
        PeriodScore.objects.filter(unit=ScoreUnit.WEEK, starts_on__in=starts, user__in=holders)
        .order_by()
        .values_list("user_id", "starts_on")
        .annotate(points=Sum("counted"))
    )
    by_person: dict[int, dict[date, int]] = {}
    for user, start, points in sums:
        by_person.setdefault(user, {})[start] = points
    weeks = [own.get(start, 0) for own in by_person.values() for start in starts if start >= min(own)]
    if len(weeks) < FEWEST:
        return None
    a_week = float(np.percentile(weeks, TARGET_SHARE))
    return Suggestion(role, round(a_week), round(a_week * WEEKS_A_MONTH), len(by_person), len(weeks))

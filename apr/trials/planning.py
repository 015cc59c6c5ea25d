"""What a trial would be, before anybody starts it: who is in it, and what so many people could show."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from accounts.models import Membership, Team
from apr.models import Channel, NotificationChoice, TrialMeasure
from apr.trials.drawing import FEWEST, Half, draw, strata
from apr.trials.measures import measured
from apr.trials.permutation import smallest_effect


@dataclass(frozen=True)
class Plan:
    """The people with their teams, and what they did in as many days before the one on which it is planned.

    `expected` is the mean in a working week, `smallest` the difference that a trial with them could show:
    both None where they did nothing, or are too few.
    """

    team_of: dict[int, int]
    expected: float | None = None
    smallest: float | None = None

    @property
    def is_large_enough(self) -> bool:
        """Whether each half would have enough people."""
        return len(self.team_of) >= 2 * FEWEST


def plan(
    kind: str, measure: TrialMeasure, teams: Collection[Team], start: date, end: date, today: date
) -> Plan:
    """The plan of a trial on [start, end) in these teams and those below, as they will be that day."""
    team_of = people_of(kind, teams, start)
    if len(team_of) < 2 * FEWEST:
        return Plan(team_of)
    done = measured(measure, team_of, today - (end - start), today)
    values = np.array([done[person] for person in team_of])
    if not values.any():
        return Plan(team_of)
    halves = {person: half for person, *half in draw(strata(team_of), 0)}
    stratum = np.array([halves[person][0] for person in team_of])
    treated = np.array([bool(halves[person][1]) for person in team_of])
    return Plan(team_of, float(values.mean()), smallest_effect(values, treated, stratum))


def people_of(kind: str, teams: Collection[Team], day: date) -> dict[int, int]:
    """The people of these teams and of those below on that day, each with their own team.

    Who left, or does not want to be told of that kind anyway, is not in a trial of it.
    """
    inside = Team.objects.with_below({team.pk for team in teams})
    rows = Membership.objects.on(day).filter(user__is_active=True).order_by("user", "starts_on")
    team_of = dict(rows.values_list("user_id", "team_id"))
    choices = NotificationChoice.objects.filter(person__in=team_of)
    unwilling = {choice.person_id for choice in choices if choice.channel(kind) == Channel.NONE}
    return {person: team for person, team in team_of.items() if team in inside and person not in unwilling}


def halves_of(plan: Plan, seed: int) -> list[Half]:
    """The halves that this seed draws of the people of a plan."""
    return draw(strata(plan.team_of), seed)

"""What stands beside the study: plain comparisons of closed deals and of stage visits, each with its rows.

They compare groups as they are. Deals that go well may be worked on more, so none of them is a verdict.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from accounts.models import Membership, Team
from apr.evidence.proportions import SHOWN_FROM, Share, difference
from apr.evidence.survival import kaplan_meier, log_rank
from apr.involvement import AT_THE_INK, of_partner_managers
from apr.models import Action, ActionCategory
from foundation.dated import DateRange
from opportunities.models import Obstacle, Opportunity, StageChange

LANDMARK = 7  # days: who was coached by then is known before the clock starts
HORIZON = 90  # days that the curve shows


@dataclass(frozen=True)
class Compared:
    """A comparison as it is kept: figures, and the rows behind each (keys of deals, or people × months)."""

    figures: dict[str, object]
    rows: dict[str, list[Any]] = field(default_factory=dict)


def comparisons(team: Team | None, dates: DateRange) -> list[Compared]:
    """Win rates of the deals closed in these dates, and days in stage of the visits begun in them."""
    deals = list(_closed(team, dates))
    groups: list[tuple[str, Callable[[Opportunity], bool | None]]] = [
        ("involved", lambda deal: deal.saw_manager),  # type: ignore[attr-defined]
        ("at_the_ink", lambda deal: deal.at_the_ink),  # type: ignore[attr-defined]
        ("cleared", _cleared),
    ]
    return [*(_win_rates(key, deals, choose) for key, choose in groups), _stage_times(team, dates)]


def _closed(team: Team | None, dates: DateRange) -> QuerySet[Opportunity]:
    """Deals closed in these dates; of a team those whose people belonged to it on the day of the close."""
    deals = Opportunity.objects.filter(status__in=["won", "lost"], closed_on__gte=dates.start)
    if dates.end is not None:
        deals = deals.filter(closed_on__lt=dates.end)
    if team is not None:
        deals = deals.filter(_of_team(team, "closed_on"))
    done = Action.objects.that_count().filter(
        of_partner_managers(), opportunity=OuterRef("pk"), occurred_on__lte=OuterRef("closed_on")
    )
    ink = ExpressionWrapper(OuterRef("closed_on") - AT_THE_INK, output_field=DateField())
    obstacles = Obstacle.objects.filter(opportunity=OuterRef("pk"))
    stood = Q(cleared_at__isnull=True) | Q(cleared_at__date__gt=OuterRef("closed_on"))
    return deals.annotate(
        saw_manager=Exists(done),
        at_the_ink=Exists(done.filter(occurred_on__gt=ink)),
        had_obstacle=Exists(obstacles),
        has_obstacle=Exists(obstacles.filter(stood)),
    ).order_by("pk")


def _of_team(team: Team, on: str) -> Q:
    """The condition that the owner or the partner manager belonged to the team, or below it, on that day."""
    there = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef(on)),
        Q(user=OuterRef("owner")) | Q(user=OuterRef("partner_manager")),
        team__in=Team.objects.with_below({team.pk}),
        starts_on__lte=OuterRef(on),
    )
    return Q(Exists(there))


def _cleared(deal: Opportunity) -> bool | None:
    """Whether every obstacle was cleared by the close; None where there was none."""
    return None if not deal.had_obstacle else not deal.has_obstacle  # type: ignore[attr-defined]


def _win_rates(
    key: str, deals: Sequence[Opportunity], choose: Callable[[Opportunity], bool | None]
) -> Compared:
    """Won of closed in two groups, with the difference."""
    figures: dict[str, object] = {"key": key, "kind": "win_rate"}
    rows: dict[str, list[Any]] = {}
    shares = []
    for name, wanted in (("with", True), ("without", False)):
        chosen = [deal for deal in deals if choose(deal) is wanted]
        won = [deal.pk for deal in chosen if deal.status == "won"]
        share = Share(len(won), len(chosen))
        shares.append(share)
        low, high = share.interval
        figures[name] = {"part": share.part, "whole": share.whole, "low": low, "high": high}
        rows[f"{key}.{name}"] = [deal.pk for deal in chosen]
        rows[f"{key}.{name}.won"] = won
    figures["is_shown"] = all(share.is_shown for share in shares)
    if figures["is_shown"]:
        figures["gap"] = difference(shares[0], shares[1])
    return Compared(figures, rows)


@dataclass(frozen=True)
class _Stay:
    """A stage visit: `moved` on or still there (or gone another way) when last seen, after so many days."""

    deal: int
    days: int
    moved: bool
    coached: bool


def _stage_times(team: Team | None, dates: DateRange) -> Compared:
    """How long visits last that saw coaching in their first week, and those that did not.

    Only visits that outlast the week are compared, by what had happened until then: else those that last
    longer would have had more time to be coached. A deal that was lost or stepped back is taken out then.
    """
    stays = list(_stays(team, dates))
    groups = {name: [stay for stay in stays if stay.coached is coached] for name, coached in GROUPS}
    figures: dict[str, object] = {"key": "coached", "kind": "days"}
    arrays = {}
    for name, chosen in groups.items():
        days = np.array([stay.days for stay in chosen], dtype=float)
        moved = np.array([stay.moved for stay in chosen], dtype=bool)
        arrays[name] = (days, moved)
        curve = kaplan_meier(days, moved)
        figures[name] = {
            "whole": len(chosen),
            "moved": curve.ended,
            "median": curve.median,
            "curve": [round(curve.at(day), 6) for day in range(LANDMARK, HORIZON + 1)],
        }
    figures["is_shown"] = all(len(chosen) >= SHOWN_FROM for chosen in groups.values())
    if figures["is_shown"]:
        figures["p"] = log_rank(*arrays["with"], *arrays["without"])
    rows: dict[str, list[Any]] = {
        f"coached.{name}": sorted({stay.deal for stay in chosen}) for name, chosen in groups.items()
    }
    return Compared(figures, rows)


GROUPS = (("with", True), ("without", False))


def _stays(team: Team | None, dates: DateRange) -> Iterable[_Stay]:
    end = dates.end or date.max
    coached: dict[int, list[date]] = {}
    sessions = Action.objects.that_count().filter(
        action_type__category=ActionCategory.COACHING, opportunity__isnull=False
    )
    for deal, day in sessions.values_list("opportunity", "occurred_on"):
        coached.setdefault(deal, []).append(day)
    steps = StageChange.objects.filter(effective_on__lt=end).order_by("opportunity", "effective_at", "id")
    if team is not None:
        theirs = Opportunity.objects.filter(_of_team(team, "opened_on"))
        steps = steps.filter(opportunity__in=theirs.order_by().values("pk"))
    columns = steps.values_list("opportunity", "effective_on", "to_kind", "to_stage__position")
    last: tuple[int, date, str, int] | None = None
    for deal, on, kind, position in [*columns, (0, end, "lost", 0)]:
        if last is not None and last[2] == "open" and dates.start <= last[1]:
            is_same = last[0] == deal
            until = on if is_same else end
            moved = is_same and (kind == "won" or (kind == "open" and position > last[3]))
            days = (until - last[1]).days
            if days > LANDMARK:
                early = last[1] + timedelta(days=LANDMARK)
                was = any(last[1] <= day < early for day in coached.get(last[0], ()))
                yield _Stay(last[0], days, moved, was)
        last = (deal, on, kind, position)

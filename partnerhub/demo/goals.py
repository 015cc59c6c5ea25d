"""What partners and the organisation want to reach together this year, ours and theirs."""

from dataclasses import dataclass
from datetime import date

from partnerhub.demo.partners import NAMED
from partnerhub.demo.people import Cast
from partnerhub.demo.plan import Plan
from partners.goals import Terms, set_goal
from partners.models import GoalMetric, GoalProgress, GoalSide, Partner


@dataclass(frozen=True)
class Aim:
    """A goal that one side has; `reached` are entries by hand: working days ago, how many, and a word."""

    side: GoalSide
    text: str
    metric: GoalMetric
    target: int
    why: str
    reached: tuple[tuple[int, int, str], ...] = ()


EUROS = 100
AIMS = [
    Aim(GoalSide.PARTNER, "Six new deals brought to us", GoalMetric.SOURCED_DEALS, 6,
        "One every two months keeps both sales teams in touch."),
    Aim(GoalSide.PARTNER, "€120,000 won of deals they brought", GoalMetric.SOURCED_WON, 120_000 * EUROS,
        "It pays for the people whom they train on our product."),
    Aim(GoalSide.PARTNER, "Four consultants certified", GoalMetric.BY_HAND, 4,
        "Customers ask for certified people by name.",
        ((70, 1, "First exam passed"), (25, 3, "Two more in one week"))),
    Aim(GoalSide.US, "Four enablement sessions for their sellers", GoalMetric.ENABLEMENT, 4,
        "Who has seen the product sells it."),
    Aim(GoalSide.US, "Three joint customer stories published", GoalMetric.BY_HAND, 3,
        "They asked for proof that they can show.",
        ((90, 1, "The first is on both websites"), (12, 2, ""))),
]  # fmt: skip


def write_goals(plan: Plan, cast: Cast) -> None:
    """For each of the partners known by name some of these, more of them the better they are known."""
    by_id = {user.pk: user for user in cast.managers}
    first, last = date(plan.today.year, 1, 1), date(plan.today.year, 12, 31)
    named = Partner.objects.filter(name__in=NAMED).prefetch_related("managements")
    partners = {partner.name: partner for partner in named}
    for place, name in enumerate(name for name in NAMED if name in partners):
        partner = partners[name]
        manager = by_id[partner.managements.all()[0].user_id]
        for aim in AIMS if place < 2 else AIMS[place % 2 :: 2]:
            terms = Terms(aim.text, aim.metric, aim.target, first, last, aim.why)
            goal = set_goal(partner=partner, side=aim.side, terms=terms, by=manager)
            for days_ago, value, note in aim.reached:
                GoalProgress.objects.create(
                    goal=goal, on=plan.workdays_back(days_ago), value=value, note=note, entered_by=manager
                )

"""A small organisation on Tuesday 15 September 2026: Nora, partner manager, and Ana, account executive.

Working days are Monday to Friday without holidays; the organisation is in UTC.
"""

from datetime import UTC, date, datetime
from typing import Any

from accounts.models import User
from apr.joint import Key, Standing, State, joint_scorecard
from apr.models import Action
from apr.periods import parse_period
from opportunities.models import (
    Capacity,
    Commitment,
    InvolvementKind,
    LostReason,
    Obstacle,
    Opportunity,
    PartnerInvolvement,
    Stage,
)
from opportunities.services.people import write_assignment
from opportunities.services.stages import write_step
from tests.factories import (
    ActionFactory,
    CommitmentFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    action_type,
)

Q3, TODAY = parse_period("2026-Q3"), date(2026, 9, 15)


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def stages(**expected_days: int | None) -> None:
    """Sets how long a visit may last: `stages(Qualify=10)`."""
    for name, days in expected_days.items():
        Stage.objects.filter(name=name.replace("_", " ")).update(expected_days=days)


def deal(pm: User | None, ae: User | None, opened: datetime, **fields: Any) -> Opportunity:
    return OpportunityFactory(partner_manager=pm, owner=ae, opened_at=opened, **fields)


def move(one: Opportunity, name: str, when: datetime) -> None:
    one.refresh_from_db()
    stage = Stage.objects.get(funnel=one.funnel, name=name)
    reason = LostReason.objects.first() if stage.kind == "lost" else None
    write_step(one, stage, by=None, effective_at=when, lost_reason=reason)


def give(one: Opportunity, capacity: Capacity, who: User | None, when: datetime) -> None:
    one.refresh_from_db()
    write_assignment(one, capacity, who, by=None, starts_at=when)


def source(one: Opportunity) -> None:
    PartnerInvolvement.objects.create(opportunity=one, partner=PartnerFactory(), kind=InvolvementKind.SOURCED)


def act(who: User, capacity: str, when: datetime, one: Opportunity | None = None, **fields: Any) -> Action:
    return ActionFactory(
        actor=who, capacity=capacity, occurred_at=when, opportunity=one, customer=None, **fields
    )


def coach(pm: User, ae: User, when: datetime, **fields: Any) -> Action:
    return act(pm, "coach", when, counterpart=ae, action_type=action_type("coaching_session"), **fields)


def promise(
    by: User, to: User | None, due: date, one: Opportunity, outcome: str = "open", **f: Any
) -> Commitment:
    settled = (
        None
        if outcome == "open"
        else f.pop("settled", datetime(due.year, due.month, due.day, 12, tzinfo=UTC))
    )
    return CommitmentFactory(
        opportunity=one, made_by=by, made_to=to, due_on=due, outcome=outcome, settled_at=settled, **f
    )


def obstacle(
    one: Opportunity, raised: datetime, due: date | None = None, cleared: datetime | None = None, **f: Any
) -> Obstacle:
    by = f.pop("by")
    return ObstacleFactory(
        opportunity=one,
        raised_by=by,
        raised_at=raised,
        due_on=due,
        cleared_at=cleared,
        cleared_by=by if cleared else None,
        needs_partner=f.pop("needs_partner", True),
        **f,
    )


def standing(pm: User, ae: User, period: str = "2026-Q3", today: date = TODAY) -> Standing:
    return joint_scorecard(pm, ae, parse_period(period), today=today).standing


def ratio(of: Standing, key: Key) -> tuple[Any, Any]:
    measure = of.measure(key)
    return measure.numerator, measure.denominator


def states(of: Standing, key: Key) -> str:
    """The cells of a component: `d` done, `o` can still be done, `m` missed."""
    letters = {State.DONE: "d", State.OPEN: "o", State.MISSED: "m"}
    return "".join(letters[row.state] for row in of.measure(key).rows)

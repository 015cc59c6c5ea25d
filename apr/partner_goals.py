"""How far goals with partners are: counted from deals and actions, or as entered by hand.

Only deals and actions that the reader sees are counted, as in all figures of partners.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import QuerySet

from accounts.calendar import WorkingCalendar
from accounts.calendars import organisation_calendar
from accounts.models import Organisation, User
from accounts.rates import Rates
from apr.models import Action
from apr.scoring import Status, Thresholds, attainment, pace, status
from foundation.money import Money
from foundation.wording import money_in_full, number
from opportunities.models import InvolvementKind, Opportunity, OpportunityStatus, PartnerInvolvement
from partners.models import GoalMetric, GoalProgress, PartnerGoal

ENABLEMENT = "enablement"  # the key of the action type
DAY = timedelta(days=1)


@dataclass(frozen=True)
class GoalStanding:
    """A goal with what is reached of it, in the unit of its target, held against a straight line of working
    days. `left_out` names currencies without a rate, whose deals are not in the value."""

    goal: PartnerGoal
    value: int
    left_out: tuple[str, ...]
    today: date
    calendar: WorkingCalendar
    thresholds: Thresholds

    @property
    def share(self) -> Fraction:
        """Reached / target."""
        return attainment(self.value, Fraction(self.goal.target)) or Fraction(0)

    @property
    def is_over(self) -> bool:
        """Whether its last day has passed."""
        return self.today > self.goal.due_on

    @property
    def expected(self) -> Fraction:
        """What a steady pace would have reached by yesterday."""
        goal = self.goal
        whole = self.calendar.working_days(goal.starts_on, goal.due_on + DAY)
        gone = self.calendar.working_days(goal.starts_on, min(self.today, goal.due_on + DAY))
        return Fraction(goal.target * gone, whole) if whole else Fraction(0)

    @property
    def status(self) -> Status:
        """By pace until it is due, then by what was reached; what is reached is on track."""
        if self.share >= 1:
            return Status.ON_TRACK
        return status(
            pace=pace(self.value, self.expected),
            attainment=self.share,
            is_over=self.is_over,
            thresholds=self.thresholds,
        )

    @property
    def value_words(self) -> str:
        """What is reached."""
        currency = self.goal.currency
        return money_in_full(Money(self.value, currency)) if currency else number(self.value)

    @property
    def target_words(self) -> str:
        """The target."""
        return self.goal.shown_target


def standings(goals: Iterable[PartnerGoal], user: User) -> list[GoalStanding]:
    """How far each goal is, in their order. Five queries at most, however many."""
    found = list(goals)
    organisation = Organisation.current()
    values = goal_values(found, user)
    calendar, today = organisation_calendar(organisation), organisation.today()
    thresholds = Thresholds(
        Fraction(organisation.on_track_percent, 100), Fraction(organisation.at_risk_percent, 100)
    )
    return [GoalStanding(one, *values[one.pk], today, calendar, thresholds) for one in found]


def goal_values(goals: Collection[PartnerGoal], user: User) -> dict[int, tuple[int, tuple[str, ...]]]:
    """What is reached of each goal, in the unit of its target, and currencies without a rate."""
    by_metric: dict[str, list[PartnerGoal]] = defaultdict(list)
    for goal in goals:
        by_metric[goal.metric].append(goal)
    values: dict[int, tuple[int, tuple[str, ...]]] = {}
    if own := by_metric[GoalMetric.BY_HAND]:
        entered = GoalProgress.objects.filter(goal__in=own).order_by("on", "id")
        last = dict(entered.values_list("goal_id", "value"))
        values |= {goal.pk: (last.get(goal.pk, 0), ()) for goal in own}
    if own := by_metric[GoalMetric.ENABLEMENT]:
        values |= _sessions(own, user)
    if own := [*by_metric[GoalMetric.SOURCED_DEALS], *by_metric[GoalMetric.SOURCED_WON]]:
        values |= _sourced(own, user)
    return values


def _sessions(goals: list[PartnerGoal], user: User) -> dict[int, tuple[int, tuple[str, ...]]]:
    days: dict[int, list[date]] = defaultdict(list)
    partners = {goal.partner_id for goal in goals}
    sessions = _enablement(user).filter(partner__in=partners)
    for partner, day in sessions.order_by().values_list("partner_id", "occurred_on"):
        days[partner or 0].append(day)
    return {
        goal.pk: (sum(goal.starts_on <= day <= goal.due_on for day in days[goal.partner_id]), ())
        for goal in goals
    }


def _sourced(goals: list[PartnerGoal], user: User) -> dict[int, tuple[int, tuple[str, ...]]]:
    deals: dict[int, list[_Sourced]] = defaultdict(list)
    rows = PartnerInvolvement.objects.filter(
        kind=InvolvementKind.SOURCED,
        partner__in={goal.partner_id for goal in goals},
        opportunity__in=Opportunity.objects.visible_to(user).order_by(),
    )
    columns = ("status", "opened_on", "closed_on", "amount_minor", "currency")
    for partner, *facts in rows.order_by().values_list("partner_id", *(f"opportunity__{c}" for c in columns)):
        deals[partner].append(_Sourced(*facts))
    rates = {code: Rates(code) for code in {goal.currency for goal in goals if goal.currency}}
    return {goal.pk: _counted(goal, deals[goal.partner_id], rates.get(goal.currency)) for goal in goals}


@dataclass(frozen=True)
class _Sourced:
    """What counts of a deal that a partner brought."""

    status: str
    opened_on: date
    closed_on: date | None
    amount_minor: int | None
    currency: str


def _counted(
    goal: PartnerGoal, deals: Iterable[_Sourced], rates: Rates | None
) -> tuple[int, tuple[str, ...]]:
    """The deals opened on the goal's days, or (with rates) what those won on them are worth."""
    if rates is None:
        return sum(goal.starts_on <= deal.opened_on <= goal.due_on for deal in deals), ()
    total, left_out = 0, set[str]()
    for deal in deals:
        is_won = deal.status == OpportunityStatus.WON and deal.closed_on is not None
        if not is_won or deal.amount_minor is None or deal.closed_on is None:
            continue
        if goal.starts_on <= deal.closed_on <= goal.due_on:
            price = rates.price(deal.amount_minor, deal.currency, deal.closed_on)
            if price is None:
                left_out.add(deal.currency)
            total += price or 0
    return total, tuple(sorted(left_out))


# --- rows -------------------------------------------------------------------------------------------


def goal_deals(goal: PartnerGoal, user: User) -> QuerySet[Opportunity]:
    """The deals that a goal counts and the reader sees, the latest first; none for other measures."""
    deals = Opportunity.objects.visible_to(user).filter(
        pk__in=PartnerInvolvement.objects.filter(
            partner=goal.partner_id, kind=InvolvementKind.SOURCED
        ).values("opportunity")
    )
    if goal.metric == GoalMetric.SOURCED_DEALS:
        found = deals.filter(opened_on__gte=goal.starts_on, opened_on__lte=goal.due_on)
        return found.order_by("-opened_on", "-pk")
    if goal.metric == GoalMetric.SOURCED_WON:
        found = deals.won().filter(closed_on__gte=goal.starts_on, closed_on__lte=goal.due_on)
        return found.order_by("-closed_on", "-pk")
    return deals.none()


def goal_actions(goal: PartnerGoal, user: User) -> QuerySet[Action]:
    """The sessions that a goal counts and the reader sees, the latest first; none for other measures."""
    if goal.metric != GoalMetric.ENABLEMENT:
        return Action.objects.none()
    found = _enablement(user).filter(
        partner=goal.partner_id, occurred_on__gte=goal.starts_on, occurred_on__lte=goal.due_on
    )
    return found.order_by("-occurred_on", "-pk")


def _enablement(user: User) -> QuerySet[Action]:
    return Action.objects.visible_to(user).standing().filter(action_type__key=ENABLEMENT)

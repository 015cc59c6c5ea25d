"""The rows behind every figure: they add up to it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership, Team, User
from apr.models import Action, ActionCapacity, ActionType, Confirmation, CreditKind, PointRule
from apr.periods import Period
from apr.rollup.credits import credits_of
from apr.rollup.lines import Members
from apr.scorecards.figures import ActionPoints, Subject
from apr.scorecards.outcomes import CREATED, LOSSES, WINS
from apr.scoring import DayCounts, Rule, day_points, rule_on
from foundation.dated import DateRange
from foundation.once import once
from opportunities.models import Opportunity

# Figure of `Results` → the credits in it.
RESULT_KINDS: dict[str, set[CreditKind]] = {
    "won": {CreditKind.WON},
    "sourced_won": {CreditKind.SOURCED_WON},
    "influenced_won": {CreditKind.INFLUENCED_WON},
    "pipeline_created": CREATED,
    "wins": WINS,
    "losses": LOSSES,
    "win_rate": WINS | LOSSES,
}


def score_rows(
    subject: Subject,
    period: Period,
    *,
    viewer: User,
    action_type: ActionType | None = None,
    capacity: ActionCapacity | None = None,
    within: Collection[int] | None = None,
) -> QuerySet[Action]:
    """The actions behind a score that the viewer may see, newest first.

    `within` narrows a person's to the days of membership in these teams.
    """
    actions = Action.objects.visible_to(viewer).that_count()
    actions = actions.filter(occurred_on__gte=period.start, occurred_on__lt=period.end)
    if isinstance(subject, User):
        actions = actions.filter(actor=subject)
    elif isinstance(subject, Team):
        within = Team.objects.with_below({subject.pk})
    if within is not None:
        members = Membership.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("occurred_on")),
            team__in=within,
            user=OuterRef("actor"),
            starts_on__lte=OuterRef("occurred_on"),
        )
        actions = actions.filter(Exists(members))
    if action_type is not None:
        actions = actions.filter(action_type=action_type)
    if capacity is not None:
        actions = actions.filter(capacity=capacity)
    return actions.order_by("-occurred_at", "-pk")


def action_points(actions: Iterable[Action]) -> dict[int, ActionPoints]:
    """What each of these actions adds to the figures, by its id. Two queries.

    Where a day's cap is reached, it takes confirmed actions first, then the others in the order in which they
    occurred; disputed ones count nothing. So the points of a day's actions add up to those of the day.
    """
    wanted = {a.pk: (a.actor_id, a.occurred_on, a.action_type_id) for a in actions}
    days = set(wanted.values())
    if not days:
        return {}
    rules = _point_rules()
    points: dict[int, ActionPoints] = {}
    for (_actor, day, kind), rows in _same_day(days).items():
        rule, before = rule_on(rules[kind], day), DayCounts(0)
        for pk, confirmation in rows:
            after = DayCounts(
                before.count + 1,
                before.disputed + (confirmation == Confirmation.DISPUTED),
                before.confirmed + (confirmation == Confirmation.CONFIRMED),
            )
            now, then = day_points(after, rule), day_points(before, rule)
            points[pk] = ActionPoints(
                now.raw - then.raw, now.counted - then.counted, now.confirmed - then.confirmed
            )
            before = after
    return {pk: points.get(pk, ActionPoints(0, 0, 0)) for pk in wanted}


def points_in_force(day: date) -> dict[int, int]:
    """What one action of each type is worth on a day, by the type's id; types without a rule are left out."""
    return {kind: rule_on(rules, day).points for kind, rules in _point_rules().items()}


def points_of_one_more(actor: User, action_type: ActionType, day: date) -> ActionPoints:
    """What one more action of a type would add to a person's day, its cap kept. Two queries."""
    rule = rule_on(_point_rules()[action_type.pk], day)
    same = _same_day({(actor.pk, day, action_type.pk)})[actor.pk, day, action_type.pk]
    disputed = sum(confirmation == Confirmation.DISPUTED for _pk, confirmation in same)
    then = day_points(DayCounts(len(same), disputed), rule)
    now = day_points(DayCounts(len(same) + 1, disputed), rule)
    return ActionPoints(now.raw - then.raw, now.counted - then.counted, 0)


def result_rows(
    subject: Subject, period: Period, metric: str, *, viewer: User, within: Collection[int] | None = None
) -> QuerySet[Opportunity]:
    """The deals behind a figure of `Results` (`won`, `wins`, `pipeline_created`, …) that the viewer may see.

    `within` narrows a person's to the days of membership in these teams. Raises KeyError for a metric that
    has no rows.
    """
    kinds = RESULT_KINDS[metric]
    dated = "opened_on" if kinds == CREATED else "closed_on"
    deals = Opportunity.objects.visible_to(viewer).filter(
        **{f"{dated}__gte": period.start, f"{dated}__lt": period.end}
    )
    members = _members(subject, period, within)
    found = {
        credit.opportunity_id
        for credit in credits_of(deals)
        if credit.kind in kinds and members.has(credit.user_id, credit.day)
    }
    return Opportunity.objects.visible_to(viewer).filter(pk__in=found).order_by(f"-{dated}", "-pk")


def _same_day(days: set[tuple[int, date, int]]) -> dict[tuple[int, date, int], list[tuple[int, str]]]:
    """All actions that count of these persons, days and types, in the order in which a cap takes them."""
    rows = (
        Action.objects.that_count()
        .filter(
            actor__in={actor for actor, _day, _kind in days},
            occurred_on__in={day for _actor, day, _kind in days},
        )
        .order_by("occurred_at", "pk")
        .values_list("actor", "occurred_on", "action_type", "pk", "confirmation")
    )
    found: dict[tuple[int, date, int], list[tuple[int, str]]] = defaultdict(list)
    for actor, day, kind, pk, confirmation in rows:
        if (actor, day, kind) in days:
            found[actor, day, kind].append((pk, confirmation))
    for rows_of_day in found.values():
        rows_of_day.sort(key=lambda row: row[1] != Confirmation.CONFIRMED)
    return found


def _members(subject: Subject, period: Period, within: Collection[int] | None) -> Members:
    """Who belongs to the subject on which days of the period."""
    if isinstance(subject, User) and within is None:
        return Members({subject.pk: (period.dates,)})
    rows = Membership.objects.overlapping(period.start, period.end)
    if isinstance(subject, User):
        rows = rows.filter(user=subject, team__in=within or ())
    elif isinstance(subject, Team):
        rows = rows.filter(team__in=Team.objects.with_below({subject.pk}))
    else:
        return Members(None)
    days: dict[int, tuple[DateRange, ...]] = defaultdict(tuple)
    for membership in rows:
        days[membership.user_id] += (membership.dates,)
    return Members(days)


def _point_rules() -> dict[int, list[Rule]]:
    """All point rules by action type."""
    return once("point rules", _read_point_rules)


def _read_point_rules() -> dict[int, list[Rule]]:
    rules: dict[int, list[Rule]] = defaultdict(list)
    for rule in PointRule.objects.order_by():
        rules[rule.action_type_id].append(Rule(rule.effective_from, rule.points, rule.daily_cap))
    return rules

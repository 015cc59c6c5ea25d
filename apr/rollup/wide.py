"""Marks that concern many, turned into a mark for each person, day or deal.

This happens in the drain and not in the trigger, because a trigger does not see what others are writing
at that moment. After the change has been committed, whoever writes later works with the new state anyway.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from apr.models import (
    SHARDS,
    Action,
    DayTally,
    DealCredit,
    JointReckoning,
    StaleDay,
    StaleDeal,
    StaleJoint,
    StaleScore,
    StaleWide,
    WideReason,
)
from opportunities.models import Assignment, Capacity, Opportunity

SIZE = 2_000


def expand(mark: StaleWide) -> None:
    """Appends the marks that follow from a wide one."""
    if mark.reason == WideReason.POINTS:
        _scores_of_all(mark.starts_on or date.min)
    elif mark.reason == WideReason.CATEGORY:
        _days(
            Action.objects.filter(action_type=int(mark.key)),
            DayTally.objects.filter(action_type=int(mark.key)),
        )
    elif mark.reason == WideReason.RATE:
        _deals(Opportunity.objects.filter(currency=mark.key, closed_on__gte=mark.starts_on))
    elif mark.reason == WideReason.CURRENCY:
        _deals(Opportunity.objects.all())
    elif mark.reason == WideReason.CALENDAR:
        _joint(Opportunity.objects.values_list("pk", flat=True))
    elif mark.reason == WideReason.ABSENCE:
        owned = Assignment.objects.filter(user=int(mark.key), capacity=Capacity.ACCOUNT_EXECUTIVE)
        _joint(owned.order_by().values_list("opportunity_id", flat=True).distinct())
    else:
        _days(Action.objects.all(), DayTally.objects.all())
        _deals(Opportunity.objects.all())
        gone = DealCredit.objects.exclude(opportunity__in=Opportunity.objects.values("pk"))
        _mark_deals(gone.values_list("opportunity_id", flat=True).distinct())
        _scores_of_all(date.min)
        _joint(Opportunity.objects.values_list("pk", flat=True))
        reckoned = JointReckoning.objects.exclude(opportunity__in=Opportunity.objects.values("pk"))
        _joint(reckoned.values_list("opportunity_id", flat=True))


def _days(actions: QuerySet[Action], tallies: QuerySet[DayTally]) -> None:
    done = actions.order_by().values_list("actor_id", "occurred_on")
    days = set(done.distinct()) | set(tallies.order_by().values_list("user_id", "day").distinct())
    StaleDay.objects.bulk_create(
        (StaleDay(shard=user % SHARDS, user_id=user, day=day) for user, day in days), batch_size=SIZE
    )


def _scores_of_all(starts_on: date) -> None:
    StaleScore.objects.bulk_create(
        (
            StaleScore(shard=user % SHARDS, user_id=user, starts_on=starts_on)
            for user in User.objects.values_list("pk", flat=True)
        ),
        batch_size=SIZE,
    )


def _deals(deals: QuerySet[Opportunity]) -> None:
    _mark_deals(deals.order_by().values_list("pk", flat=True))


def _mark_deals(ids: Iterable[int]) -> None:
    StaleDeal.objects.bulk_create(
        (StaleDeal(shard=pk % SHARDS, opportunity_id=pk) for pk in ids), batch_size=SIZE
    )


def _joint(ids: Iterable[int]) -> None:
    StaleJoint.objects.bulk_create(
        (StaleJoint(shard=pk % SHARDS, opportunity_id=pk) for pk in ids), batch_size=SIZE
    )

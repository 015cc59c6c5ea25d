"""The drain: makes again what marks say is stale, and deletes exactly the marks that it has read.

It runs under READ COMMITTED. A shard's row is locked, marks are read, and only then, in a new statement,
their buckets are recomputed: so the recomputation sees every write whose mark was read. A write that
commits later leaves a mark that this round did not read and does not delete.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from math import inf
from time import monotonic
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.expressions import CombinedExpression

from accounts.models import Organisation, User
from apr.joint.store import mark_what_time_has_passed, recompute_joint
from apr.models import (
    SHARDS,
    WIDE_SHARD,
    DealCredit,
    JointReckoning,
    Shard,
    StaleDay,
    StaleDeal,
    StaleJoint,
    StaleMark,
    StaleScore,
    StaleWide,
)
from apr.rollup.recompute import (
    erase,
    hull,
    recompute_days,
    recompute_deals,
    recompute_people,
    recompute_scores,
)
from apr.rollup.wide import expand
from foundation.dated import DateRange
from opportunities.models import Opportunity

BATCH = 500
MARKS: tuple[type[StaleMark], ...] = (StaleWide, StaleDay, StaleDeal, StaleJoint, StaleScore)


def drain(seconds: float = inf) -> int:
    """Digests marks until none is left that another process does not hold, or the time is over.

    Returns how many marks are gone. Safe to run in any number of processes, and to kill at any moment. A
    shard that fails does not keep the others waiting; its errors are raised at the end.
    """
    until = monotonic() + seconds
    _turn_the_day()
    failed: dict[int, DatabaseError] = {}
    digested = 0
    while shards := [number for number in shards_with_marks() if number not in failed]:
        done = sum(_one_round(number, failed) for number in shards if monotonic() < until)
        digested += done
        if not done:
            break
    if failed:
        raise ExceptionGroup(f"shards {sorted(failed)} could not be digested", list(failed.values()))
    return digested


def _turn_the_day() -> None:
    """Marks what a new day has made stale, unless another process is about to."""
    today = Organisation.current().today()
    if JointReckoning.objects.filter(valid_until__lte=today).exists():
        with transaction.atomic():
            if _lock(WIDE_SHARD, skip_locked=True):
                mark_what_time_has_passed(today)


def _one_round(number: int, failed: dict[int, DatabaseError]) -> int:
    try:
        return drain_shard(number)
    except DatabaseError as error:
        failed[number] = error
        return 0


def shards_with_marks() -> list[int]:
    """The shards that have something to do, that of wide marks first."""
    numbers: set[int] = set()
    for model in MARKS:
        numbers.update(model._default_manager.values_list("shard", flat=True).distinct())
    return sorted(numbers, reverse=True)


@transaction.atomic
def drain_shard(number: int) -> int:
    """One round in one shard: at most `BATCH` marks of each kind. Nothing where another process holds it."""
    if not _lock(number, skip_locked=True):
        return 0
    if number == WIDE_SHARD:
        return _drain_wide()
    return _drain_days(number) + _drain_deals(number) + _drain_joint(number) + _drain_scores(number)


def rebuild() -> None:
    """Makes all tallies, scores and credits again, shard by shard, whatever the marks say."""
    drain_shard(WIDE_SHARD)
    for number in range(SHARDS):
        with transaction.atomic():
            _lock(number, skip_locked=False)
            for model in (StaleDay, StaleDeal, StaleJoint, StaleScore):
                erase(model._default_manager.filter(shard=number))
            people = [pk for pk in User.objects.values_list("pk", flat=True) if pk % SHARDS == number]
            if people:
                recompute_people(people)
            deals = Opportunity.objects.annotate(shard=_shard("pk")).filter(shard=number)
            credits_ = DealCredit.objects.annotate(shard=_shard("opportunity_id")).filter(shard=number)
            recompute_deals(deals, credits_)
            reckonings = JointReckoning.objects.annotate(shard=_shard("opportunity_id")).filter(shard=number)
            recompute_joint(
                {*deals.values_list("pk", flat=True), *reckonings.values_list("opportunity_id", flat=True)}
            )


def _lock(number: int, *, skip_locked: bool) -> bool:
    """Takes the shard until the end of the transaction (SQLite has one writer anyway)."""
    rows = Shard.objects.select_for_update(skip_locked=skip_locked).filter(number=number)
    return bool(list(rows))


def _drain_wide() -> int:
    marks = list(StaleWide.objects.order_by("pk")[:BATCH])
    for mark in marks:
        expand(mark)
    return _forget(StaleWide, [mark.pk for mark in marks])


def _drain_days(number: int) -> int:
    marks = _marks(StaleDay, number, "user_id", "day")
    days: dict[int, set[date]] = defaultdict(set)
    for _pk, user, day in marks:
        days[user].add(day)
    if days:
        recompute_days(days)
    return _forget(StaleDay, [mark[0] for mark in marks])


def _drain_deals(number: int) -> int:
    marks = _marks(StaleDeal, number, "opportunity_id")
    deals = {opportunity for _pk, opportunity in marks}
    if deals:
        recompute_deals(
            Opportunity.objects.filter(pk__in=deals), DealCredit.objects.filter(opportunity__in=deals)
        )
    return _forget(StaleDeal, [mark[0] for mark in marks])


def _drain_joint(number: int) -> int:
    marks = _marks(StaleJoint, number, "opportunity_id")
    deals = {opportunity for _pk, opportunity in marks}
    if deals:
        recompute_joint(deals)
    return _forget(StaleJoint, [mark[0] for mark in marks])


def _drain_scores(number: int) -> int:
    marks = _marks(StaleScore, number, "user_id", "starts_on", "ends_on")
    spans: dict[int, DateRange] = {}
    for _pk, user, starts_on, ends_on in marks:
        span = DateRange(starts_on, ends_on)
        spans[user] = hull(spans[user], span) if user in spans else span
    if spans:
        recompute_scores(spans)
    return _forget(StaleScore, [mark[0] for mark in marks])


def _shard(pk: str) -> CombinedExpression:
    return F(pk) % Value(SHARDS)


def _marks(model: type[StaleMark], number: int, *fields: str) -> list[tuple[Any, ...]]:
    waiting = model._default_manager.filter(shard=number)
    rows = _by_person(waiting) if model is StaleDay else waiting.order_by("pk")
    return list(rows.values_list("pk", *fields)[:BATCH])


def _by_person(waiting: QuerySet[Any]) -> QuerySet[Any]:
    """Days of few people rather than few days of many, whose weeks and months would be made again each time.

    They begin with the person who has waited longest.
    """
    longest = waiting.order_by("pk").values_list("user_id", flat=True).first()
    return waiting.filter(user_id__gte=longest or 0).order_by("user_id", "day", "pk")


def _forget(model: type[StaleMark], read: Collection[int]) -> int:
    """Deletes the marks that were read, and no other."""
    if read:
        erase(model._default_manager.filter(pk__in=read))
    return len(read)

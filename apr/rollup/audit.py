"""The audit: everything stored, less what marks say is stale, equals its recomputation.

In one snapshot that holds at every instant, so the audit runs beside writers and drains.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import Organisation
from accounts.rates import Rates
from apr.joint.store import reckoned, valid
from apr.joint.stories import CHUNK
from apr.models import (
    SHARDS,
    Action,
    Audit,
    CoachingTally,
    DayTally,
    DealCredit,
    JointFact,
    JointReckoning,
    PeriodScore,
    StaleDay,
    StaleDeal,
    StaleJoint,
    StaleScore,
)
from apr.rollup.credits import credits_of
from apr.rollup.pending import Pending, pending
from apr.rollup.recompute import GRAINS, credit_row, whole_units
from apr.rollup.snapshot import one_snapshot
from apr.rollup.tallies import as_date, coached, counted, points, stored
from foundation.dated import DateRange
from opportunities.models import Opportunity

KEPT_AUDITS = 1_000
EXAMPLES = 20
COACHED = ("user_id", "day", "counterpart_id", "count")
STORED = (DayTally, CoachingTally, PeriodScore, DealCredit, JointFact)
Row = tuple[Any, ...]
logger = logging.getLogger(__name__)


def audit() -> Audit:
    """Compares all, marks again what differs, and records the outcome, which it returns."""
    started_at = timezone.now()
    with one_snapshot():
        marks = pending(None, DateRange(date.min))
        wrong = [
            *_wrong_tallies(marks),
            *_wrong_scores(marks),
            *_wrong_credits(marks),
            *_wrong_joint(marks),
        ]
        checked = sum(model._default_manager.count() for model in STORED)
    for one in wrong[:EXAMPLES]:
        logger.error("stored figures differ from their source: %s", one)
    with transaction.atomic():
        _mark_again(wrong)
        result = Audit.objects.create(
            started_at=started_at,
            checked=checked,
            differences=len(wrong),
            examples=[[str(value) for value in one] for one in wrong[:EXAMPLES]],
        )
        kept = Audit.objects.values("pk")[:KEPT_AUDITS]
        Audit.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return result


def _wrong_tallies(marks: Pending) -> Iterator[Row]:
    """`tally`, person, day of each bucket whose tallies differ from its actions."""
    if marks.every_day:
        return
    differing = set()
    for right, kept in (
        (counted(Action.objects.all()), stored(DayTally.objects.all())),
        (coached(Action.objects.all()), CoachingTally.objects.values_list(*COACHED)),
    ):
        differing |= {
            row[:2] for one, other in ((right, kept), (kept, right)) for row in one.difference(other)
        }
    for user, day in sorted(differing):
        if day not in marks.days.get(user, ()):
            yield "tally", user, day


def _wrong_scores(marks: Pending) -> Iterator[Row]:
    """`score`, person, first and last day of each week or month whose scores differ from its tallies."""
    if marks.concerns_every_score(DateRange(date.max)):
        return
    for unit, grain in GRAINS.items():
        right, params = points(stored(DayTally.objects.all()), grain)
        kept = (
            "SELECT user_id, starts_on, team_id, action_type_id, count, raw, counted, confirmed "
            f"FROM {PeriodScore._meta.db_table} WHERE unit = '{unit.value}'"
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({right}) r EXCEPT {kept}", params)
            rows = cursor.fetchall()
            cursor.execute(f"{kept} EXCEPT SELECT * FROM ({right}) r", params)
            rows += cursor.fetchall()
        for user, start in sorted({(row[0], as_date(row[1])) for row in rows}):
            span = whole_units(DateRange(start, start + timedelta(days=1)), unit)
            if not any(span.overlap(stale) for stale in marks.spans.get(user, ())):
                yield "score", user, span.start, span.end


def _wrong_credits(marks: Pending) -> Iterator[Row]:
    """`credit`, deal of each deal whose credits differ."""
    if marks.every_deal:
        return
    rates = Rates(Organisation.current().reporting_currency)
    right = {_fields(credit_row(credit, rates)) for credit in credits_of(Opportunity.objects.all())}
    kept = {_fields(row) for row in DealCredit.objects.iterator()}
    for deal in sorted({row[0] for row in right ^ kept} - marks.deals):
        yield "credit", deal


def _wrong_joint(marks: Pending) -> Iterator[Row]:
    """`joint`, deal of each deal whose facts differ, less those that a mark or a new day makes stale."""
    if marks.every_joint:
        return
    known = set(JointReckoning.objects.values_list("opportunity_id", flat=True))
    passed = known - set(valid(Organisation.current().today()).values_list("opportunity_id", flat=True))
    stale = passed | set(StaleJoint.objects.values_list("opportunity_id", flat=True))
    deals = sorted({*known, *Opportunity.objects.values_list("pk", flat=True)} - stale)
    for at in range(0, len(deals), CHUNK):
        chunk = deals[at : at + CHUNK]
        right, kept = defaultdict[int, set[Row]](set), defaultdict[int, set[Row]](set)
        existing: set[int] = set()
        for facts, reckonings in reckoned(chunk):
            existing |= {one.opportunity_id for one in reckonings}
            for fact in facts:
                right[fact.opportunity_id].add(_fields(fact))
        for fact in JointFact.objects.filter(opportunity__in=chunk):
            kept[fact.opportunity_id].add(_fields(fact))
        for deal in chunk:
            if right[deal] != kept[deal] or (deal in existing) != (deal in known):
                yield "joint", deal


def _fields(row: Model) -> Row:
    return tuple(getattr(row, field.attname) for field in row._meta.concrete_fields)


def _mark_again(wrong: list[Row]) -> None:
    for what, pk, *rest in wrong:
        if what == "tally":
            StaleDay.objects.create(shard=pk % SHARDS, user_id=pk, day=rest[0])
        elif what == "score":
            StaleScore.objects.create(shard=pk % SHARDS, user_id=pk, starts_on=rest[0], ends_on=rest[1])
        else:
            model = StaleDeal if what == "credit" else StaleJoint
            model.objects.create(shard=pk % SHARDS, opportunity_id=pk)

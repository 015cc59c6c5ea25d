"""The audit: everything stored, less what marks say is stale, equals its recomputation.

In one snapshot that holds at every instant, so the audit runs beside writers and drains.
"""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Organisation
from accounts.rates import Rates
from apr.models import (
    SHARDS,
    Action,
    Audit,
    DayTally,
    DealCredit,
    PeriodScore,
    StaleDay,
    StaleDeal,
    StaleScore,
)
from apr.rollup.credits import credits_of
from apr.rollup.pending import Pending, pending
from apr.rollup.recompute import GRAINS, credit_row, whole_units
from apr.rollup.snapshot import one_snapshot
from apr.rollup.tallies import as_date, counted, points, stored
from foundation.dated import DateRange
from opportunities.models import Opportunity

KEPT_AUDITS = 1_000
EXAMPLES = 20
Row = tuple[Any, ...]
logger = logging.getLogger(__name__)


def audit() -> Audit:
    """Compares all, marks again what differs, and records the outcome, which it returns."""
    started_at = timezone.now()
    with one_snapshot():
        marks = pending(None, DateRange(date.min))
        wrong = [*_wrong_tallies(marks), *_wrong_scores(marks), *_wrong_credits(marks)]
        checked = sum(model._default_manager.count() for model in (DayTally, PeriodScore, DealCredit))
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
    right, kept = counted(Action.objects.all()), stored(DayTally.objects.all())
    differing = {row[:2] for one, other in ((right, kept), (kept, right)) for row in one.difference(other)}
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
    right = {_credit(credit_row(credit, rates)) for credit in credits_of(Opportunity.objects.all())}
    kept = {_credit(row) for row in DealCredit.objects.iterator()}
    for deal in sorted({row[0] for row in right ^ kept} - marks.deals):
        yield "credit", deal


def _credit(row: DealCredit) -> Row:
    return tuple(getattr(row, field.attname) for field in DealCredit._meta.concrete_fields)


def _mark_again(wrong: list[Row]) -> None:
    for what, pk, *rest in wrong:
        if what == "tally":
            StaleDay.objects.create(shard=pk % SHARDS, user_id=pk, day=rest[0])
        elif what == "score":
            StaleScore.objects.create(shard=pk % SHARDS, user_id=pk, starts_on=rest[0], ends_on=rest[1])
        else:
            StaleDeal.objects.create(shard=pk % SHARDS, opportunity_id=pk)

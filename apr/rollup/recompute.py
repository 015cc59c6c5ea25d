"""Whole buckets made again from their source: what was stored goes, what follows from the source comes.

The caller holds the shard of what it names, inside a transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection, models
from django.db.models import Q, QuerySet

from accounts.models import Organisation
from accounts.rates import Rates
from apr.models import Action, CoachingTally, DayTally, DealCredit, PeriodScore, ScoreUnit
from apr.rollup.credits import Credit, credits_of, credits_statement
from apr.rollup.tallies import Grain, coached, counted, points_of_units, statement, stored
from foundation.dated import DateRange
from opportunities.models import Opportunity

# Marks name people and days, the rows differ in what they call them.
Days = Mapping[int, Collection[date]]
Spans = Mapping[int, DateRange]

_TALLY = ("user_id", "day", "action_type_id", "count", "disputed", "confirmed")
_SCORE = ("user_id", "starts_on", "team_id", "action_type_id", "count", "raw", "counted", "confirmed")
_COACHING = ("user_id", "day", "counterpart_id", "count")
_CREDIT = (
    "opportunity_id", "kind", "user_id", "colleague_id", "day", "amount_minor", "currency", "priced_on",
)  # fmt: skip
WEEK = timedelta(days=7)
WEEKS, MONTHS = ScoreUnit.WEEK, ScoreUnit.MONTH
GRAINS = {WEEKS: Grain.WEEK, MONTHS: Grain.MONTH}


def recompute_days(days: Days) -> None:
    """The tallies of these people's days, and the scores above them."""
    _write_tallies(on_days(days, "actor", "occurred_on"), on_days(days, "user", "day"))
    recompute_scores({pk: DateRange(min(own), max(own) + timedelta(days=1)) for pk, own in days.items()})


def recompute_people(people: Collection[int]) -> None:
    """All tallies and scores of these people."""
    _write_tallies(Q(actor__in=people), Q(user__in=people))
    recompute_scores(dict.fromkeys(people, DateRange(date.min)))


def recompute_scores(spans: Spans) -> None:
    """The scores of every week and month that shares a day with these people's spans, from stored tallies."""
    whole = {unit: {pk: whole_units(span, unit) for pk, span in spans.items()} for unit in (WEEKS, MONTHS)}
    erase(PeriodScore.objects.filter(in_spans(whole[WEEKS], "user", "starts_on"), unit=WEEKS))
    erase(PeriodScore.objects.filter(in_spans(whole[MONTHS], "user", "starts_on"), unit=MONTHS))
    both = {pk: hull(whole[WEEKS][pk], whole[MONTHS][pk]) for pk in spans}
    tallies = stored(DayTally.objects.filter(in_spans(both, "user", "day")))
    rows = [(pk, *_ends(whole[WEEKS][pk]), *_ends(whole[MONTHS][pk])) for pk in spans]
    sql, params = points_of_units(tallies, rows)
    _insert(PeriodScore, (*_SCORE, "unit"), sql, params)


def _ends(span: DateRange) -> tuple[date, date]:
    return span.start, span.end or date.max


def erase(rows: QuerySet[Any]) -> None:
    """Deletes derived rows in one statement. Nobody listens to them, so that none has to be fetched first."""
    rows._raw_delete(rows.db)


def _write_tallies(done: Q, tallied: Q) -> None:
    erase(DayTally.objects.filter(tallied))
    _insert(DayTally, _TALLY, *statement(counted(Action.objects.filter(done))))
    erase(CoachingTally.objects.filter(tallied))
    _insert(CoachingTally, _COACHING, *statement(coached(Action.objects.filter(done))))


def _insert(model: type[models.Model], columns: Iterable[str], sql: str, params: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) {sql}", params)


def recompute_deals(deals: QuerySet[Opportunity], stored_credits: QuerySet[DealCredit]) -> None:
    """Who is credited with these deals; `stored_credits` are those that they have now."""
    rates = Rates(Organisation.current().reporting_currency)
    erase(stored_credits)
    at_home = Q(currency=rates.reporting_currency)
    sql, params = credits_statement(deals.filter(at_home))
    _insert(DealCredit, (*_CREDIT, "reporting_minor"), f"SELECT c.*, c.amount_minor FROM ({sql}) c", params)
    abroad = (credit_row(credit, rates) for credit in credits_of(deals.exclude(at_home)))
    DealCredit.objects.bulk_create(abroad, batch_size=2_000)


def credit_row(credit: Credit, rates: Rates) -> DealCredit:
    """The credit with its price, as it is stored."""
    return DealCredit(**asdict(credit), reporting_minor=_price(credit, rates))


def _price(credit: Credit, rates: Rates) -> int | None:
    if credit.amount_minor is None:
        return None
    if credit.priced_on is None:
        return credit.amount_minor if credit.currency == rates.reporting_currency else None
    return rates.price(credit.amount_minor, credit.currency, credit.priced_on)


# --- which rows -----------------------------------------------------------------------------------


def on_days(days: Days, user: str, day: str) -> Q:
    """Rows of these people on these days of theirs."""
    return _any(Q(**{user: pk, f"{day}__in": sorted(own)}) for pk, own in days.items())


def in_spans(spans: Spans, user: str, day: str) -> Q:
    """Rows of these people on a day of their span."""
    people: dict[DateRange, list[int]] = {}
    for pk, span in spans.items():
        people.setdefault(span, []).append(pk)
    return _any(Q(**{f"{user}__in": pks}) & within(span, day) for span, pks in people.items())


def within(span: DateRange, day: str) -> Q:
    """Rows on a day of the span."""
    after = Q() if span.start == date.min else Q(**{f"{day}__gte": span.start})
    return after if span.end is None else after & Q(**{f"{day}__lt": span.end})


def hull(one: DateRange, other: DateRange) -> DateRange:
    """The shortest span that holds both."""
    open_ended = one.end is None or other.end is None
    return DateRange(
        min(one.start, other.start), None if open_ended else max(one.end or date.min, other.end or date.min)
    )


def whole_units(span: DateRange, unit: ScoreUnit) -> DateRange:
    """The span widened to whole weeks or months."""
    start = span.start if span.start == date.min else unit_start(span.start, unit)
    return DateRange(start, None if span.end is None else unit_end(span.end - timedelta(days=1), unit))


def unit_start(day: date, unit: ScoreUnit) -> date:
    """The first day of the week or month of a day."""
    return day.replace(day=1) if unit == ScoreUnit.MONTH else day - timedelta(days=day.weekday())


def unit_end(day: date, unit: ScoreUnit) -> date:
    """The day after the week or month of a day."""
    start = unit_start(day, unit)
    return unit_start(start + timedelta(days=32), unit) if unit == ScoreUnit.MONTH else start + WEEK


def _any(conditions: Iterable[Q]) -> Q:
    """One of the conditions, of which there is at least one."""
    return reduce(or_, conditions)

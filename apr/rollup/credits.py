"""Who is credited with which deal, for what, on which day: the results side of scoring.md, deal by deal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from apr.rollup.tallies import Statement, as_date, statement
from opportunities.models import Capacity, Opportunity

CHUNK = 2_000


@dataclass(frozen=True)
class Credit:
    """One deal in one person's figures. `colleague_id` is, for a partner manager, the account executive who
    is credited with the same deal; `priced_on` is the day whose rate holds, None for an open deal (today).
    """

    opportunity_id: int
    kind: str
    user_id: int
    colleague_id: int | None
    day: date
    amount_minor: int | None
    currency: str
    priced_on: date | None


def credits_of(deals: QuerySet[Opportunity]) -> Iterator[Credit]:
    """The credits of these deals, from the source rows, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(*credits_statement(deals))
        while rows := cursor.fetchmany(CHUNK):
            for deal, kind, user, colleague, day, amount, currency, priced_on in rows:
                priced = None if priced_on is None else as_date(priced_on)
                yield Credit(deal, kind, user, colleague, as_date(day), amount, currency, priced)


def credits_statement(deals: QuerySet[Opportunity]) -> Statement:
    """The credits as SQL, with the columns of `Credit`.

    The close is the instant of the last change into a stage of the deal's present kind; a deal without
    history closed when it entered its stage. An assignment that begins right at the close holds at it.
    """
    sql, params = statement(
        deals.order_by().values_list(
            "id", "status", "opened_on", "closed_on", "amount_minor", "currency", "stage_entered_at"
        )
    )
    return _CREDITS.format(deals=sql), params


_AT_CLOSE = """(
      SELECT h.user_id FROM opportunities_assignment h
      WHERE h.opportunity_id = c.id AND h.capacity = '{capacity}' AND h.starts_at <= c.close_at
        AND (h.ends_at IS NULL OR h.ends_at > c.close_at)
      ORDER BY h.starts_at DESC, h.id DESC LIMIT 1)"""
_FIRST = """(
      SELECT h.user_id FROM opportunities_assignment h
      WHERE h.opportunity_id = c.id AND h.capacity = '{capacity}' ORDER BY h.starts_at, h.id LIMIT 1)"""
_AE, _PM = (
    {"capacity": capacity.value} for capacity in (Capacity.ACCOUNT_EXECUTIVE, Capacity.PARTNER_MANAGER)
)

_CREDITS = f"""
WITH deals (id, status, opened_on, closed_on, amount_minor, currency, stage_entered_at) AS ({{deals}}),
closes AS MATERIALIZED (
  SELECT d.*, COALESCE((
    SELECT s.effective_at FROM opportunities_stagechange s
    WHERE s.opportunity_id = d.id AND s.to_kind = d.status ORDER BY s.effective_at DESC, s.id DESC LIMIT 1
  ), d.stage_entered_at) AS close_at
  FROM deals d
),
people AS MATERIALIZED (
  SELECT c.*,
    {_AT_CLOSE.format(**_AE)} AS ae,
    {_AT_CLOSE.format(**_PM)} AS pm,
    {_FIRST.format(**_AE)} AS first_ae,
    {_FIRST.format(**_PM)} AS first_pm,
    (SELECT MAX(CASE p.kind WHEN 'sourced' THEN 2 ELSE 1 END)
      FROM opportunities_partnerinvolvement p WHERE p.opportunity_id = c.id) AS partnered
  FROM closes c
)
SELECT id, 'created', first_ae, NULL, opened_on, amount_minor, currency, closed_on
FROM people WHERE first_ae IS NOT NULL
UNION ALL
SELECT id, 'brought', first_pm, first_ae, opened_on, amount_minor, currency, closed_on
FROM people WHERE first_pm IS NOT NULL AND partnered = 2
UNION ALL
SELECT id, status, ae, NULL, closed_on, amount_minor, currency, closed_on
FROM people WHERE status <> 'open' AND ae IS NOT NULL
UNION ALL
SELECT id, CASE WHEN status = 'lost' THEN 'supported_lost' WHEN partnered = 2 THEN 'sourced_won'
                WHEN partnered = 1 THEN 'influenced_won' ELSE 'supported_won' END,
       pm, ae, closed_on, amount_minor, currency, closed_on
FROM people WHERE status <> 'open' AND pm IS NOT NULL
"""

"""Fills an empty PostgreSQL database with an organisation of any size, in statements of plain SQL.

    DATABASE_URL=postgres://… python benchmarks/data.py --actions 5000000 --people 500 --deals 100000

People work two years, in teams of ten below one top team. The triggers stand, so every row is marked.
"""

import argparse
import os
import sys
from datetime import date
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnerhub.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection

from accounts.models import Membership, Organisation, Role, RoleGrant, Team, User
from apr.models import ActionType, Target
from opportunities.models import Customer, Stage

START, DAYS = date(2024, 1, 1), 730
CHUNK = 250_000

ACTIONS = """
INSERT INTO apr_action (action_type_id, actor_id, capacity, occurred_at, occurred_on, logged_at, customer_id,
  opportunity_id, counterpart_id, notes, confirmation, confirmation_note, confirmed_at, void_reason, source,
  external_source, external_id, updated_at)
SELECT %(type)s + kind, %(user)s + who, 'account_executive', day + interval '12 hours', day,
  day + interval '13 hours', %(customer)s, on_deal, %(user)s + (who + 1) %% %(people)s, '',
  CASE WHEN agreed THEN 'confirmed' ELSE 'none' END, '', CASE WHEN agreed THEN day + interval '1 day' END,
  '', 'bulk', '', '', now()
FROM (
  SELECT floor(random() * 12)::int AS kind, floor(random() * %(people)s)::int AS who,
    random() < 0.2 AS agreed,
    CASE WHEN random() < 0.5 THEN %(deal)s + floor(random() * %(deals)s)::int END AS on_deal,
    DATE %(start)s + floor(random() * %(days)s)::int AS day
  FROM generate_series(1, %(rows)s)
) r
"""
DEALS = """
INSERT INTO opportunities_opportunity (name, customer_id, funnel_id, stage_id, status, stage_entered_at,
  amount_minor, currency, opened_on, closed_on, owner_id, partner_manager_id, version, created_at, updated_at,
  external_source, external_id)
SELECT 'Deal ' || i, %(customer)s, %(funnel)s,
  CASE kind WHEN 'won' THEN %(won)s WHEN 'lost' THEN %(lost)s
    ELSE (%(open)s)[1 + i / 5 %% %(stages)s] END, kind,
  (CASE kind WHEN 'open' THEN day ELSE day + 60 END) + interval '12 hours', 100000 + i %% 900000, 'EUR', day,
  CASE WHEN kind <> 'open' THEN day + 60 END, %(user)s + i %% %(people)s,
  %(user)s + (i + 1) %% %(people)s, 1, now(), now(), '', ''
FROM (
  SELECT i, CASE WHEN i %% 5 < 2 THEN 'won' WHEN i %% 5 < 4 THEN 'lost' ELSE 'open' END AS kind,
    DATE %(start)s + floor(random() * (%(days)s - 60))::int AS day
  FROM generate_series(1, %(rows)s) i
) r
"""
ASSIGNMENTS = """
INSERT INTO opportunities_assignment (opportunity_id, user_id, capacity, starts_at, recorded_at, updated_at)
SELECT o.id, CASE c WHEN 'account_executive' THEN o.owner_id ELSE o.partner_manager_id END, c,
  o.opened_on + interval '12 hours', now(), now()
FROM opportunities_opportunity o, unnest(ARRAY['account_executive', 'partner_manager']) c
"""
CHANGES = """
INSERT INTO opportunities_stagechange (opportunity_id, to_stage_id, from_stage_name, to_stage_name, to_kind,
  expected_days, allowed_silence_days, probability, amount_minor, currency, effective_at, effective_on,
  recorded_at, note, criteria_met)
SELECT o.id, stage_id, '', s.name, status, s.expected_days, s.allowed_silence_days, s.probability,
  amount_minor, currency, stage_entered_at, stage_entered_at::date, now(), '', '[]'
FROM opportunities_opportunity o JOIN opportunities_stage s ON s.id = o.stage_id
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=5_000_000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--deals", type=int, default=100_000)
    wanted = parser.parse_args()
    started = monotonic()
    call_command("migrate", verbosity=0)
    known = organisation(wanted.people)
    with connection.cursor() as cursor:
        cursor.execute(DEALS, {**known, "rows": wanted.deals})
        cursor.execute(ASSIGNMENTS)
        cursor.execute(CHANGES)
        cursor.execute("SELECT min(id) FROM opportunities_opportunity")
        known |= {"deal": cursor.fetchone()[0], "deals": wanted.deals}
        for done in range(0, wanted.actions, CHUNK):
            cursor.execute(ACTIONS, {**known, "rows": min(CHUNK, wanted.actions - done)})
        cursor.execute("VACUUM ANALYZE")
    print(f"{wanted.actions} actions, {wanted.deals} deals in {monotonic() - started:.0f} s")


def organisation(people: int) -> dict[str, object]:
    """The people, teams, rules and targets; what the statements need to know of them."""
    Organisation.current()
    top = Team.objects.create(name="Sales", kind="sales")
    teams = Team.objects.bulk_create(
        Team(name=f"Team {n:03}", kind="sales", parent=top) for n in range((people + 9) // 10)
    )
    users = User.objects.bulk_create(
        User(name=f"Person {n:05}", email=f"p{n}@fieldstone.example", password="!") for n in range(people)
    )
    long_ago = date(2020, 1, 1)
    Membership.objects.bulk_create(
        Membership(user=user, team=teams[n // 10], starts_on=long_ago) for n, user in enumerate(users)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=Role.ACCOUNT_EXECUTIVE, starts_on=long_ago) for user in users
    )
    for metric, value in (("apr_points", 700), ("won_amount", 10**8)):
        Target.objects.create(
            role=Role.ACCOUNT_EXECUTIVE,
            metric=metric,
            period_kind="month",
            value=value,
            effective_from=long_ago,
            why="So that the benchmark has something to expect.",
        )
    open_stages = list(Stage.objects.filter(kind="open", funnel__is_default=True))
    closed = {
        kind: Stage.objects.filter(kind=kind, funnel__is_default=True)[0].pk for kind in ("won", "lost")
    }
    return {
        "user": users[0].pk,
        "people": people,
        "type": ActionType.objects.order_by("pk")[0].pk,
        "customer": Customer.objects.create(name="Halden Rail").pk,
        "funnel": open_stages[0].funnel_id,
        "start": START.isoformat(),
        "days": DAYS,
        "open": [stage.pk for stage in open_stages],
        "stages": len(open_stages),
        **closed,
    }


if __name__ == "__main__":
    main()

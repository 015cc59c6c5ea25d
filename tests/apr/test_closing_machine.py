"""Random corrections after closing, through every door: what was known stays, and rows make the difference.

The oracle reckons every figure from dumped rows, once when a period is closed and once afterwards. The
product has to have stored the first, and its rows have to lead to the second, to the last point and cent.
"""

import os
from collections import Counter
from contextlib import nullcontext
from unittest.mock import patch

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from accounts.models import Organisation, User
from apr.closing.differences import action_changes, deal_changes
from apr.closing.reading import known_of, sides
from apr.models import Closing, ClosingStatus
from apr.periods import PeriodKind, period_containing
from apr.services.closing import ask_to_close, close_waiting, reopen
from tests.apr.test_rollup_machine import Work, days
from tests.oracle.compare import MONEY, reckoned
from tests.oracle.dump import dump
from tests.oracle.scores import Oracle

POINTS = ("count", "raw", "counted", "confirmed")


def narrowed(oracle, user, team, period, today):
    """The figures of a person on the days in one team, as `reckoned` has those of a whole subject."""

    def inside(who, day):
        return who == user and oracle.team_of(who, day) == team

    return {
        "points": oracle.points(inside, period.start, period.end),
        **oracle.results(inside, period.start, period.end, today),
    }


def figures(known) -> dict:
    """What was stored, in the oracle's shape."""
    return {
        "points": {kind: (p.count, p.raw, p.counted, p.confirmed) for kind, p in known.by_type.items()},
        "wins": known.wins,
        "losses": known.losses,
        **{name: (one.amount.minor, one.count) for name, one in known.money.items()},
    }


def outlined(reckoning) -> dict:
    """The same part of what the oracle said."""
    money = {name: reckoning[name][:2] for name in MONEY}
    return {**{name: reckoning[name] for name in ("points", "wins", "losses")}, **money}


class Closings(Work):
    """Periods closed, opened again and closed again, while all goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[int, dict] = {}

    @property
    def subjects(self):
        """Whoever has figures, with the teams within which somebody reads them."""
        whole = [(who, None) for who in [*self.users, *self.teams, Organisation.objects.get()]]
        return whole + [(user, team.pk) for user in self.users[:2] for team in self.teams[1:]]

    def reckon(self, oracle, who, team, period):
        today = Organisation.objects.get().today()
        if team is not None:
            return narrowed(oracle, who.pk, team, period, today)
        return reckoned(oracle, who, period, today)

    @rule(day=days, kind=st.sampled_from(["month", "quarter"]), digested=st.booleans())
    def close(self, day, kind, digested):
        organisation = Organisation.objects.get()
        period = period_containing(day, PeriodKind(kind), organisation.fiscal_first_month)
        if Closing.objects.of(period).standing().exists():
            return
        oracle = Oracle(dump())
        closing = ask_to_close(key=period.key, by=None)
        with nullcontext() if digested else patch("apr.services.closing.drain"):
            assert close_waiting(closing.pk)
        closing.refresh_from_db()
        assert closing.status == ClosingStatus.DONE
        self.known[closing.pk] = {
            (type(who), who.pk, team): self.reckon(oracle, who, team, period) for who, team in self.subjects
        }
        self.compare_known()

    @rule()
    def open_again(self):
        if closing := Closing.objects.standing().order_by("pk").first():
            reopen(closing_id=closing.pk, reason="Because.", by=None)

    @rule()
    def compare_known(self):
        organisation, oracle = Organisation.objects.get(), Oracle(dump())
        for closing in Closing.objects.all():
            for who, team in self.subjects:
                within = None if team is None else {team}
                then = self.known[closing.pk][type(who), who.pk, team]
                stored = known_of(closing, who, within, organisation.reporting_currency)
                assert figures(stored)["points"] == then["points"]
                if team is None:
                    assert (stored.target, stored.expected_to_date) == (then["target"], then["to date"])
                now = self.reckon(oracle, who, team, closing.period)
                self.compare_actions(closing, who, within, then, now)
                if stored.money["won"].amount.currency == organisation.reporting_currency:
                    assert figures(stored) == outlined(then)
                    self.compare_deals(closing, who, within, then, now, organisation)

    def compare_actions(self, closing, who, within, then, now):
        changes = Counter()
        for change in action_changes(closing, *sides(closing, who, within)):
            assert change.was != change.now
            for row, sign in ((change.was, -1), (change.now, 1)):
                if row is not None:
                    for name, value in zip(POINTS, (1, row.raw, row.counted, row.confirmed), strict=True):
                        changes[row.action_type_id, name] += sign * value
        wanted = Counter()
        for sign, side in ((-1, then), (1, now)):
            for kind, points in side["points"].items():
                for name, value in zip(POINTS, points, strict=True):
                    wanted[kind, name] += sign * value
        assert {key: n for key, n in changes.items() if n} == {key: n for key, n in wanted.items() if n}

    def compare_deals(self, closing, who, within, then, now, organisation):
        changes = deal_changes(closing, *sides(closing, who, within), organisation.today())
        for name in MONEY:
            rows = changes.get(name, [])
            assert sum(row.minor for row in rows) == now[name][0] - then[name][0]
            assert sum(row.count for row in rows) == now[name][1] - then[name][1]
        for name in ("wins", "losses"):
            assert sum(row.count for row in changes.get(name, [])) == now[name] - then[name]


@pytest.mark.django_db
def test_what_was_known_stays_and_rows_make_the_difference():
    assert User.objects.count() == 0
    run_state_machine_as_test(
        Closings,
        settings=settings(
            max_examples=int(os.environ.get("ROLLUP_SEQUENCES", "8")),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Writers and drains at the same time, with real connections; and designs that look right and are not.

Each interleaving stops a drain at a chosen point while somebody writes. The product stays right in all of
them. Four tempting designs do not, and the same interleavings show it.
"""

import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from time import sleep

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership
from apr.models import Action, DayTally, PointRule, StaleDay
from apr.periods import parse_period
from apr.rollup import drain as draining
from apr.rollup import triggers
from apr.rollup.audit import audit
from apr.rollup.drain import MARKS, drain
from apr.scorecards import team_scorecard
from tests.factories import AEFactory, CustomerFactory, TeamFactory, action_type
from tests.oracle.compare import reckoned, shown
from tests.oracle.dump import dump
from tests.oracle.scores import Oracle

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite lets one transaction write at a time"
)
MONDAY, TUESDAY = date(2026, 9, 14), date(2026, 9, 15)
LONG = 120.0
WRITES = 30


@pytest.fixture(autouse=True)
def settled():
    """Nothing is marked at the beginning, and the connection knows nothing of an earlier test."""
    drain()


@pytest.fixture
def world():
    """A person with one action on Monday, digested."""
    world = World()
    world.write(MONDAY)
    drain()
    return world


class World:
    """One person and what can happen to their actions."""

    def __init__(self) -> None:
        self.actor, self.customer, self.kind = AEFactory(), CustomerFactory(), action_type("email")

    def write(self, day: date) -> Action:
        return Action.objects.create(
            actor=self.actor,
            action_type=self.kind,
            capacity="account_executive",
            occurred_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            occurred_on=day,
            customer=self.customer,
        )

    def is_right(self) -> bool:
        """Whether, once all marks are digested, tallies say what the actions say."""
        drain()
        actual = dict(DayTally.objects.values_list("day", "count"))
        wanted: dict[date, int] = {}
        for day in Action.objects.values_list("occurred_on", flat=True):
            wanted[day] = wanted.get(day, 0) + 1
        return actual == wanted and not StaleDay.objects.exists()


class Beside(threading.Thread):
    """Runs something with a connection of its own and hands on what it raised."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.act, self.raised = act, None
        self.start()

    def run(self) -> None:
        try:
            self.act()
        except Exception as error:  # noqa: BLE001 - told by `finish`
            self.raised = error
        finally:
            connection.close()

    def finish(self) -> None:
        self.join(LONG)
        assert not self.is_alive(), "still waiting"
        if self.raised:
            raise self.raised


class Pause:
    """A point in a drain at which it stops, once, until told to go on."""

    def __init__(self, monkeypatch, name: str, *, after: bool) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        original, first = getattr(draining, name), threading.Lock()

        def stopping(*args, **kwargs):
            stops = first.acquire(blocking=False)
            if stops and not after:
                self.stop()
            result = original(*args, **kwargs)
            if stops and after:
                self.stop()
            return result

        monkeypatch.setattr(draining, name, stopping)

    def stop(self) -> None:
        self.reached.set()
        self.go_on.wait(LONG)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A drain runs beside, up to the pause; it goes on afterwards."""
        drainer = Beside(drain)
        assert self.reached.wait(LONG)
        try:
            yield
        finally:
            self.go_on.set()
            drainer.finish()


# --- interleavings --------------------------------------------------------------------------------


def write_between_reading_marks_and_recomputing(world: World, monkeypatch) -> None:
    world.write(MONDAY)
    with Pause(monkeypatch, "recompute_days", after=False).held():
        Beside(lambda: world.write(MONDAY)).finish()


def write_between_recomputing_and_forgetting(world: World, monkeypatch) -> None:
    world.write(MONDAY)
    with Pause(monkeypatch, "recompute_days", after=True).held():
        Beside(lambda: world.write(MONDAY)).finish()


def commit_late_with_an_early_mark(world: World, monkeypatch) -> None:
    written, go_on = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            world.write(MONDAY)
            written.set()
            go_on.wait(LONG)

    slow = Beside(slow_writer)
    assert written.wait(LONG)
    world.write(TUESDAY)
    drain()
    go_on.set()
    slow.finish()


def second_drain_while_the_first_is_recomputing(world: World, monkeypatch) -> None:
    world.write(MONDAY)
    with Pause(monkeypatch, "recompute_days", after=True).held():
        Beside(lambda: world.write(MONDAY)).finish()
        second = Beside(drain)
        second.join(0.5)
    second.finish()


def move_to_another_day(world: World, monkeypatch) -> None:
    Action.objects.filter(occurred_on=MONDAY).update(occurred_on=TUESDAY)


INTERLEAVINGS = [
    write_between_reading_marks_and_recomputing,
    write_between_recomputing_and_forgetting,
    commit_late_with_an_early_mark,
    second_drain_while_the_first_is_recomputing,
    move_to_another_day,
]


@on_postgresql
@pytest.mark.parametrize("interleaving", INTERLEAVINGS, ids=lambda one: one.__name__)
def test_the_product_stays_right(world, monkeypatch, interleaving):
    interleaving(world, monkeypatch)
    assert world.is_right()
    assert audit().differences == 0


# --- mutants --------------------------------------------------------------------------------------


@contextmanager
def altered_triggers(alter: Callable[[str], str]) -> Iterator[None]:
    """The functions of the triggers on actions with another body."""
    functions = [one.statements[0] for one in triggers.triggers() if one.table == "apr_action"]
    try:
        with connection.cursor() as cursor:
            for function in functions:
                cursor.execute(alter(function))
        yield
    finally:
        with connection.cursor() as cursor:
            for function in functions:
                cursor.execute(function)


@contextmanager
def one_dirty_flag_a_bucket(monkeypatch) -> Iterator[None]:
    """A unique key on the marks: a bucket that is marked already is not marked again."""

    def unless_marked(function: str) -> str:
        return re.sub(r"(WHERE r\.id IS NOT NULL[^;]*)", r"\1 ON CONFLICT DO NOTHING", function)

    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX one_flag ON apr_staleday (user_id, day)")
    try:
        with altered_triggers(unless_marked):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX one_flag")


@contextmanager
def a_cursor_over_ids(monkeypatch) -> Iterator[None]:
    """Marks are read on from the last one seen."""
    original, seen = draining._marks, [max(StaleDay.objects.values_list("pk", flat=True), default=0)]

    def after_the_last(model, number, *fields):
        marks = original(model, number, *fields)
        if model is not StaleDay:
            return marks
        fresh = [mark for mark in marks if mark[0] > seen[0]]
        seen[0] = max((mark[0] for mark in fresh), default=seen[0])
        return fresh

    monkeypatch.setattr(draining, "_marks", after_the_last)
    yield


@contextmanager
def locked_marks_without_a_shard(monkeypatch) -> Iterator[None]:
    """Each drain takes marks that nobody else holds, and no lock on the bucket."""

    def unlocked(model, number, *fields):
        rows = model._default_manager.select_for_update(skip_locked=True).filter(shard=number)
        return list(rows.order_by("pk").values_list("pk", *fields)[: draining.BATCH])

    monkeypatch.setattr(draining, "_lock", lambda number, *, skip_locked: True)
    monkeypatch.setattr(draining, "_marks", unlocked)
    yield


@contextmanager
def only_the_new_bucket(monkeypatch) -> Iterator[None]:
    """A move marks where the action is now, and forgets where it was."""

    def forget(function: str) -> str:
        if "SELECT o.*" not in function:
            return function
        head, rest = function.split(" BEGIN ", 1)
        body, tail = rest.split("; RETURN NULL", 1)
        return f"{head} BEGIN {body.split('; ')[1]}; RETURN NULL{tail}"

    with altered_triggers(forget):
        yield


MUTANTS = [one_dirty_flag_a_bucket, a_cursor_over_ids, locked_marks_without_a_shard, only_the_new_bucket]


@on_postgresql
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_each_wrong_design_is_caught(monkeypatch, mutant):
    assert caught_by(monkeypatch, mutant) != []


def caught_by(monkeypatch, mutant) -> list[str]:
    """The interleavings in which a mutant ends wrong, or fails."""
    caught = []
    for interleaving in INTERLEAVINGS:
        Action.objects.all().delete()
        drain()
        world = World()
        world.write(MONDAY)
        drain()
        with monkeypatch.context() as patch, mutant(patch):
            try:
                interleaving(world, patch)
                if not world.is_right():
                    caught.append(interleaving.__name__)
            except ExceptionGroup:
                caught.append(interleaving.__name__)
        StaleDay.objects.all().delete()
    return caught


# --- everything at once ---------------------------------------------------------------------------


def test_many_writers_drains_and_audits_at_once():
    """Nothing is lost or doubled, and audits that run meanwhile find nothing."""
    worlds = [World() for _ in range(4)]
    team = TeamFactory(members=[world.actor for world in worlds])
    audits: list[int] = []
    writers = [lambda world=world, n=n: keep_writing(world, n) for n, world in enumerate(worlds)]
    run_until_done(writers, [drain, drain, drain, lambda: audits.append(audit().differences)])
    drain()
    assert not any(model.objects.exists() for model in MARKS)
    assert set(audits) == {0}
    assert audit().differences == 0
    assert Action.objects.count() == WRITES * len(worlds)
    oracle, period = Oracle(dump()), parse_period("2026-09")
    for subject in (team, *(world.actor for world in worlds)):
        assert shown(subject, period, MONDAY) == reckoned(oracle, subject, period, MONDAY)


def test_no_reader_sees_a_move_by_halves():
    """Actions move between days, months and people of a team; its total for the year never changes."""
    worlds = [World() for _ in range(2)]
    team = TeamFactory(members=[world.actor for world in worlds])
    rows = [world.write(MONDAY + timedelta(days=n)).pk for n in range(6) for world in worlds]
    chance, year = random.Random(7), parse_period("2026")
    totals: list[int] = []

    def move() -> None:
        for _ in range(4 * WRITES):
            moved = {
                "occurred_on": MONDAY + timedelta(days=chance.randrange(60)),
                "actor": chance.choice(worlds).actor,
            }
            Action.objects.filter(pk=chance.choice(rows)).update(**moved)
            sleep(0.01)

    def look() -> None:
        totals.append(team_scorecard(team, year, today=MONDAY).total.raw_points)

    run_until_done([move], [drain, look, look])
    assert set(totals) == {len(rows)}


def run_until_done(acts: list[Callable[[], object]], meanwhile: list[Callable[[], object]]) -> None:
    """Runs the acts beside one another, and the others again and again until all of them are through."""
    done = threading.Event()

    def again_and_again(act: Callable[[], object]) -> None:
        while not done.is_set():
            act()
            sleep(0.005)

    others = [Beside(lambda act=act: again_and_again(act)) for act in meanwhile]
    try:
        for thread in [Beside(act) for act in acts]:
            thread.finish()
    finally:
        done.set()
    for thread in others:
        thread.finish()


def keep_writing(world: World, seed: int) -> None:
    """Inserts, moves, voids, changes of rules and of membership, some of them slow to commit."""
    chance = random.Random(seed)
    kinds = [action_type("email"), action_type("webinar")]
    for _ in range(WRITES):
        with transaction.atomic():
            action = world.write(MONDAY + timedelta(days=chance.randrange(4)))
            mine = Action.objects.filter(actor=world.actor)
            if chance.random() < 0.5:
                one = chance.choice(list(mine))
                mine.filter(pk=one.pk).update(occurred_on=TUESDAY, action_type=chance.choice(kinds))
            if chance.random() < 0.2:
                mine.filter(pk=action.pk).update(voided_at=timezone.now(), voided_by=world.actor)
            if chance.random() < 0.1:
                PointRule.objects.update_or_create(
                    action_type=kinds[0], effective_from=TUESDAY, defaults={"points": chance.randrange(5)}
                )
            if chance.random() < 0.1:
                day = MONDAY - timedelta(days=chance.randrange(9))
                Membership.objects.filter(user=world.actor).update(starts_on=day)
            if connection.vendor == "postgresql" and chance.random() < 0.3:
                sleep(0.02)

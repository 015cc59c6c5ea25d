"""`/ready/` asks the database alone; `/health/` tells administrators the rest."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.mail import OutgoingMail
from accounts.models import Role, RoleGrant, User
from apr.models import PeriodScore, StaleDay
from apr.rollup.audit import audit
from apr.rollup.drain import drain
from apr.rollup.triggers import triggers
from partnerhub import health
from partnerhub.models import Heartbeat
from partnerhub.schedule import QUEUES
from partnerhub.tasks import heartbeat
from tests.factories import ActionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unknown(monkeypatch, db):
    """Each test finds a process that has not looked yet, and no marks left by emptied tables."""
    monkeypatch.setattr(health, "_migrated", False)
    drain()


@pytest.fixture
def admin(client):
    user = User.objects.create_user("ada@example.com", name="Ada Admin")
    RoleGrant.objects.create(user=user, role=Role.ADMIN, starts_on=date(2020, 1, 1))
    client.force_login(user)
    return user


def test_ready(client):
    assert client.get("/ready/").status_code == 200


def test_ready_is_one_query_after_the_first_yes(client, django_assert_num_queries):
    client.get("/ready/")
    with django_assert_num_queries(1):
        client.get("/ready/")


def test_not_ready_without_its_migrations(client, monkeypatch):
    monkeypatch.setattr(health, "pending_migrations", lambda: ["accounts.0009_later"])
    assert client.get("/ready/").status_code == 503


def test_not_ready_without_its_database(client, monkeypatch):
    def broken(*_args):
        raise DatabaseError("gone")

    client.get("/ready/")
    monkeypatch.setattr(connection, "cursor", broken)
    assert client.get("/ready/").status_code == 503


def test_ready_answers_plain_http_where_pages_redirect(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/ready/").status_code == 200
    assert client.get("/health/").status_code == 301


def test_health_is_for_administrators(client):
    assert client.get("/health/").status_code == 403
    client.force_login(User.objects.create_user("pam@example.com", name="Pam"))
    assert client.get("/health/").status_code == 403


def test_health_is_well_when_every_queue_beats(client, admin):
    for queue in QUEUES:
        heartbeat(queue)
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["ok"]) == (200, True)


@pytest.mark.parametrize("silent", QUEUES)
def test_health_names_a_queue_without_worker(client, admin, silent):
    for queue in QUEUES:
        heartbeat(queue)
    Heartbeat.objects.filter(queue=silent).update(beat_at=timezone.now() - timedelta(seconds=31))
    answer = client.get("/health/")
    assert answer.status_code == 503
    [workers] = [check for check in answer.json()["checks"] if check["name"] == "workers"]
    assert workers["ok"] is False
    assert workers["figures"]["seconds_ago"][silent] >= 31


def test_health_tells_of_mail_that_needs_a_decision(client, admin):
    OutgoingMail.objects.create(sender="a@b.c", recipients=["d@e.f"], subject="s", state="unsure")
    [checked] = [check for check in client.get("/health/").json()["checks"] if check["name"] == "mail"]
    assert checked == {
        "name": "mail",
        "ok": False,
        "figures": {"waiting": 0, "late": 0, "failed": 0, "unsure": 1},
    }


def rollup_of(client):
    [check] = [check for check in client.get("/health/").json()["checks"] if check["name"] == "rollup"]
    return check


def test_health_shows_what_waits_and_what_the_last_audit_found(client, admin):
    drain()
    before = rollup_of(client)
    assert before["ok"]
    assert before["figures"] == {
        "marks": 0, "oldest_mark_seconds": 0, "audited_at": None, "differences": None, "missing_triggers": [],
    }  # fmt: skip
    action = ActionFactory()
    StaleDay.objects.update(marked_at=timezone.now() - timedelta(seconds=90))
    waiting = rollup_of(client)
    assert (waiting["ok"], waiting["figures"]["marks"]) == (False, 1)
    assert 90 <= waiting["figures"]["oldest_mark_seconds"] < 120

    drain()
    audit()
    well = rollup_of(client)
    assert (well["ok"], well["figures"]["marks"], well["figures"]["differences"]) == (True, 0, 0)
    assert well["figures"]["audited_at"] is not None

    PeriodScore.objects.filter(user=action.actor, unit="week").update(counted=77)
    audit()
    drain()
    wrong = rollup_of(client)
    assert (wrong["ok"], wrong["figures"]["differences"]) == (False, 1)


def test_health_names_a_missing_trigger(client, admin):
    drain()
    trigger = triggers()[0]
    on = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {trigger.name}{on}")
    check = rollup_of(client)
    assert (check["ok"], check["figures"]["missing_triggers"]) == (False, [trigger.name])

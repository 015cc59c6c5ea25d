"""Somebody who left is made anonymous: no figure changes, nothing names them, and nobody undoes it."""

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.urls import reverse

from accounts.mail import OutgoingMail
from accounts.models import User
from accounts.services.people import deactivate
from apr.models import Notification
from apr.rollup.drain import drain
from audit.chain import seal, verify
from audit.models import Entry, Kind
from tests.access.canaries import plant
from tests.access.house import make_house
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NAME, ADDRESS = "Ana Kovač-Zimmer", "ana.kovac@fieldstone.example"
FIGURES = (
    "DayTally", "PeriodScore", "DealCredit", "JointFact", "CoachingTally", "KnownScorecard", "KnownAction",
    "KnownCredit", "KnownPair",
)  # fmt: skip


@pytest.fixture
def house(time_machine, settings):
    """Ana, told and written about everywhere, has left."""
    time_machine.move_to(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False)
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    house = make_house()
    ana = house.people["ana"]
    ana.name, ana.email = NAME, ADDRESS
    ana.save()
    plant(house)
    User.objects.filter(pk=ana.pk).update(name=NAME, email=ADDRESS)
    Notification.objects.create(
        person=house.people["nora"], kind="confirm", subject="action:99", facts={"who": NAME, "told": [NAME]}
    )
    OutgoingMail.objects.create(
        sender="hub@fieldstone.example", recipients=[ADDRESS], subject=f"For {NAME}", text="A link"
    )
    OutgoingMail.objects.create(
        sender="hub@fieldstone.example", recipients=["nora@fieldstone.example"], subject=f"{NAME} invites you"
    )
    ana.refresh_from_db()
    deactivate(person=ana, by=house.people["ada"])
    drain()
    return house


@pytest.fixture
def admin(client, house):
    client.force_login(house.people["ada"])
    return client


def make_anonymous(client, house, typed=NAME):
    path = reverse("settings:person_anonymise", args=[house.people["ana"].pk])
    return client.post(path, {"name": typed}, follow=False)


def figures(client, house):
    """All that is stored of scores, and what programs read of people, teams and pairs."""
    stored = {name: sorted(map(repr, apps.get_model("apr", name).objects.values_list())) for name in FIGURES}
    ana, nora, team = house.people["ana"].pk, house.people["nora"].pk, house.rows["team"].pk
    whose = (f"user:{ana}", f"user:{nora}", f"team:{team}")
    asked = [f"scores/?subject={one}&period=2026-Q3" for one in whose]
    asked += [f"results/?subject=user:{ana}&period=2026-Q3"]
    asked += [f"joint-scorecards/?partner_manager={nora}&account_executive={ana}&period=2026-Q3"]
    return stored, [client.get(f"/api/v1/{path}").json() for path in asked]


def named_in_tables(*texts):
    """Every column of every table in which one of the texts stands."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    found = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, kinds):
                told = list(model._base_manager.values_list(field.name, flat=True))
                values = json.dumps(told, ensure_ascii=False, default=str)
                found += [f"{model._meta.label}.{field.name}" for text in texts if text in values]
    return found


def test_no_figure_changes(admin, house):
    before = figures(admin, house)
    assert before[0]["PeriodScore"]
    assert before[0]["KnownScorecard"]
    assert make_anonymous(admin, house).status_code == 302
    drain()
    assert figures(admin, house) == before
    call_command("rebuild_scores")
    assert figures(admin, house) == before


def test_nothing_names_the_person_any_more(admin, house):
    assert {"accounts.User.name", "apr.Notification.facts"} <= set(named_in_tables(NAME, ADDRESS))
    make_anonymous(admin, house)
    assert named_in_tables(NAME, ADDRESS) == []
    person = User.objects.get(pk=house.people["ana"].pk)
    assert (person.name, person.email) == (f"Former colleague {person.pk}", None)
    told = Notification.objects.get(subject="action:99").facts
    assert told == {"who": person.name, "told": [person.name]}
    assert not Notification.objects.filter(person=person).exists()
    letters = dict(
        OutgoingMail.objects.filter(sender="hub@fieldstone.example").values_list("subject", "state")
    )
    assert letters == {"": "dropped", f"{person.name} invites you": "waiting"}


def test_the_audit_log_shows_the_new_name_and_its_chain_holds(admin, house):
    seal()
    make_anonymous(admin, house)
    seal()
    assert verify().faults == []
    person = house.people["ana"]
    entry = Entry.objects.get(kind=Kind.PRIVACY)
    assert (entry.act, entry.person_id, entry.actor_id) == ("anonymised", person.pk, house.people["ada"].pk)
    page = admin.get(reverse("settings:audit"), {"kind": "privacy"}).content.decode()
    assert f"Former colleague {person.pk}" in page
    assert NAME not in page


def test_nobody_can_sign_in_as_them_or_bring_them_back(admin, house, client):
    make_anonymous(admin, house)
    person = house.people["ana"]
    admin.post(reverse("settings:person_return", args=[person.pk]))
    assert not User.objects.get(pk=person.pk).is_active
    page = admin.get(reverse("settings:person", args=[person.pk])).content.decode()
    assert "Made anonymous on" in page
    assert "Reactivate" not in page
    client.logout()
    client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_it_is_done_once_to_people_who_left_and_with_their_name_typed(admin, house):
    refused = make_anonymous(admin, house, typed="Ana")
    assert refused.status_code == 422
    assert "Type it as it is written" in refused.content.decode()
    assert User.objects.get(pk=house.people["ana"].pk).name == NAME
    assert make_anonymous(admin, house).status_code == 302
    assert make_anonymous(admin, house).status_code == 404
    assert admin.get(reverse("settings:person_anonymise", args=[house.people["pia"].pk])).status_code == 404

"""All that is held on a person: complete, for the person or administrators, without others' words."""

import json
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.apps import apps

from accounts.models import User
from audit.models import Entry, Kind
from exchange.personal import NUMBERS, tables
from tests.access.canaries import READERS, plant
from tests.access.house import make_house
from tests.factories import AdminFactory, AEFactory, LeaderFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(time_machine, settings):
    time_machine.move_to(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False)
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    return make_house()


def archive(response) -> dict[str, list[dict[str, object]]]:
    """The rows by table."""
    with ZipFile(BytesIO(response.content)) as pack:
        return {name[:-5]: json.loads(pack.read(name)) for name in pack.namelist() if name != "README.txt"}


def taken_out(client, house, who: str, by: str):
    client.force_login(house.people[by])
    path = "/profile/data/" if who == by else f"/settings/people/{house.people[who].pk}/data/"
    return archive(client.post(path))


def test_every_row_that_names_the_person_is_in_it(client, house):
    """Walked from the other side: from the person to all that points back at them."""
    plant(house)
    ana = house.people["ana"]
    held = taken_out(client, house, "ana", "ana")
    missing = []
    for relation in User._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete:
            continue
        model = relation.field.model if not relation.many_to_many else relation.through
        if relation.many_to_many:
            continue  # the rows of its own table are walked, too
        rows = model._base_manager.filter(**{relation.field.name: ana}).values_list("pk", flat=True)
        kept = [_key(model, row) for row in held.get(model._meta.label, [])]
        missing += [(model._meta.label, pk) for pk in rows if pk not in kept]
    for model in apps.get_models():
        for name in NUMBERS & {field.name for field in model._meta.concrete_fields}:
            rows = model._base_manager.filter(**{name: ana.pk})
            if rows.count() > len(held.get(model._meta.label, [])):
                missing.append((model._meta.label, name))
    assert missing == []
    assert len(held) > 20
    assert {"accounts.User", "apr.CoachingAdvice", "accounts.OutgoingMail"} <= set(held)


def _key(model, row):
    names = [field.attname for field in model._meta.pk_fields]
    return row[names[0]] if len(names) == 1 else tuple(_plain(row[name], model, name) for name in names)


def _plain(value, model, name):
    return model._meta.get_field(name).to_python(value)


def test_a_column_that_names_people_is_a_key_to_them_or_called_so():
    """A number of a person under another name would be left out."""
    tables_of_people = {naming.model for naming in tables()}
    named = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.endswith(("user_id", "person_id", "actor_id", "reader_id", "owner_id"))
        and model not in tables_of_people
    ]
    assert named == []


@pytest.mark.parametrize(("who", "by"), [("ana", "ana"), ("lea", "lea"), ("nora", "ada"), ("ana", "ada")])
def test_nobody_gets_words_that_are_not_theirs_to_read(client, house, who, by):
    """Of the other circle, nothing; administrators nothing of what was said in coaching."""
    words = plant(house)
    text = json.dumps(taken_out(client, house, who, by))
    their_own = {"exchange.ApiToken", "exchange.IdempotencyKey", "accounts.OutgoingMail", "audit.Entry"}
    leaks = {
        one.place
        for word, one in words.items()
        if word in text and by not in one.readers and one.place.rpartition(".")[0] not in their_own
    }
    assert leaks == set()
    assert set(READERS) > their_own
    own = [one for word, one in words.items() if word in text]
    assert len(own) > 3


def test_what_was_said_in_coaching_is_there_for_the_two(client, house):
    words = plant(house)
    advice = {word for word, one in words.items() if one.place == "apr.CoachingAdvice.text of north"}
    assert advice & set(json.dumps(taken_out(client, house, "ana", "ana")).split('"'))
    rows = taken_out(client, house, "ana", "ada")["apr.CoachingAdvice"]
    assert {row["text"] for row in rows} == {row["word"] for row in rows} == {"(not shown)"}


def test_no_secret_leaves(client, house):
    held = taken_out(client, house, "ana", "ana")
    assert held["accounts.User"][0]["password"] == "(not shown)"
    assert {row["token_hash"] for row in held["exchange.ApiToken"]} == {"(not shown)"}
    assert house.people["ana"].password not in json.dumps(held)


def test_who_signed_in_long_ago_shows_again_who_they_are(client, house, time_machine):
    client.force_login(house.people["ana"])
    time_machine.move_to(datetime(2026, 9, 15, 14, tzinfo=UTC), tick=False)
    answer = client.post("/profile/data/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not Entry.objects.filter(kind=Kind.PRIVACY).exists()


def test_it_is_on_record_for_whom_and_by_whom(client, house):
    taken_out(client, house, "ana", "ada")
    entry = Entry.objects.get(kind=Kind.PRIVACY)
    ana, ada = house.people["ana"], house.people["ada"]
    assert (entry.act, entry.person_id, entry.actor_id) == ("data_exported", ana.pk, ada.pk)


@pytest.mark.parametrize("person", [AEFactory, LeaderFactory])
def test_nobody_else_gets_it_and_a_link_does_nothing(client, person):
    client.force_login(person())
    assert client.post(f"/settings/people/{UserFactory().pk}/data/").status_code == 403
    assert client.get("/profile/data/").status_code == 405
    client.force_login(AdminFactory())
    assert client.post("/settings/people/999999/data/").status_code == 404

"""The first administrator comes from the command line."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, RoleGrant, User

pytestmark = pytest.mark.django_db


def create_admin(monkeypatch, email, password="correct-horse-7", **options):
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    call_command("create_admin", email, stdout=io.StringIO(), **options)


def test_the_first_administrator_signs_in_and_sees_the_admin(client, monkeypatch):
    create_admin(monkeypatch, "Ada@Example.com", name="Ada")
    answer = client.post("/accounts/login/", {"login": "ada@example.com", "password": "correct-horse-7"})
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200
    assert User.objects.get().name == "Ada"


def test_a_person_who_is_here_keeps_name_and_roles(monkeypatch):
    person = User.objects.create_user("lee@example.com", name="Lee")
    RoleGrant.objects.create(user=person, role=Role.LEADER, starts_on=date(2020, 1, 1))
    create_admin(monkeypatch, "lee@example.com")
    person = User.objects.get()
    assert person.name == "Lee"
    assert person.roles == {Role.LEADER, Role.ADMIN}
    assert person.role_grants.get(role=Role.LEADER).starts_on == date(2020, 1, 1)


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("not an address", "correct-horse-7", "valid email"),
        ("ada@example.com", "12345", "too short"),
        ("ada@example.com", "", "too short"),
    ],
)
def test_it_refuses_with_words_and_makes_nobody(monkeypatch, email, password, words):
    with pytest.raises(CommandError, match=words):
        create_admin(monkeypatch, email, password)
    assert not User.objects.exists()

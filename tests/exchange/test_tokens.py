from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from exchange.api.tokens import issue_token
from exchange.models import ApiToken
from tests.factories import AEFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("api_token", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_a_secret_that_is_kept_only_as_a_hash():
    AEFactory(email="ana@fieldstone.example")
    secret = run("create", "Ana@Fieldstone.example", "--name", "sync", "--expires", "30").strip()
    token = ApiToken.objects.get()
    assert secret.startswith("ph_")
    assert len(secret) > 40
    assert secret not in {str(value) for value in ApiToken.objects.values_list().get()}
    assert (token.name, token.scope) == ("sync", "write")
    assert (token.expires_at - token.created_at).days == 30


def test_the_command_lists_and_revokes():
    ana = AEFactory(email="ana@fieldstone.example")
    token, _ = issue_token(by=ana, name="sync")
    assert "sync\twrite" in run("list", "ana@fieldstone.example")
    assert "usable" in run("list", "ana@fieldstone.example")
    run("revoke", str(token.pk))
    assert "revoked" in run("list", "ana@fieldstone.example")


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "nobody@fieldstone.example"),
        ("create", "ana@fieldstone.example", "--name", " "),
        ("create", "ana@fieldstone.example", "--expires", "0"),
        ("create", "ana@fieldstone.example", "--expires", "99999999999"),
        ("create", "ana@fieldstone.example", "--scope", "all"),
        ("revoke", "7777"),
        (),
    ],
)
def test_the_command_refuses_in_words(arguments):
    AEFactory(email="ana@fieldstone.example")
    with pytest.raises(CommandError):
        run(*arguments)
    assert not ApiToken.objects.exists()


def test_no_token_for_people_who_left():
    AEFactory(email="ana@fieldstone.example", is_active=False)
    with pytest.raises(CommandError):
        run("create", "ana@fieldstone.example")

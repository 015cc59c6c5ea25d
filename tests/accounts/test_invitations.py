"""An invitation: written into the queue, sent once by the worker, taken up once, and clear about its end."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.mail import OutgoingMail, send_waiting_mail
from accounts.models import Invitation, User
from tests.factories import AdminFactory, UserFactory

pytestmark = pytest.mark.django_db
GOOD = "four lakes and a lantern"


@pytest.fixture(autouse=True)
def _mail_by_queue(settings):
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    settings.MAIL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def admin():
    return AdminFactory(name="Elif Maes")


@pytest.fixture
def zane():
    """Somebody whom an import knows by name only."""
    zane = UserFactory(name="Zane Levy", email=None)
    zane.set_unusable_password()
    zane.save()
    return zane


@pytest.fixture
def invite(client, admin, zane):
    """Invites Zane as the administrator, runs the worker, signs out, and returns the link of the letter."""

    def run(email="Zane@Fieldstone.example"):
        client.force_login(admin)
        response = client.post(reverse("settings:person_invite", args=[zane.pk]), {"email": email})
        assert response.status_code == 302
        send_waiting_mail()
        client.logout()
        return re.search(r"http://testserver(/invitation/\S+)", mail.outbox[-1].body)[1]

    return run


def accept(client, link, **changes):
    sent = {"name": "Zane A. Levy", "password": GOOD, "time_zone": "Europe/Madrid", **changes}
    return client.post(link, sent)


def test_letter_waits_in_the_queue_and_is_sent_once(client, admin, zane):
    client.force_login(admin)
    client.post(reverse("settings:person_invite", args=[zane.pk]), {"email": "zane@fieldstone.example"})
    assert mail.outbox == []
    assert OutgoingMail.objects.get().state == OutgoingMail.State.WAITING
    assert send_waiting_mail() == 1
    assert send_waiting_mail() == 0
    [letter] = mail.outbox
    assert letter.to == ["zane@fieldstone.example"]
    assert letter.subject == "Elif Maes invites you to PartnerHub"
    assert "Hello Zane," in letter.body


def test_only_a_hash_of_the_secret_is_kept(invite):
    token = invite().split("/")[2]
    kept = Invitation.objects.values().get()
    assert all(token not in str(value) for value in kept.values())
    assert token not in str(list(OutgoingMail.objects.values()))


def test_taken_up_it_signs_in_with_a_verified_address(client, invite, zane):
    link = invite()
    assert "Elif Maes invited zane@fieldstone.example." in client.get(link).content.decode()
    assert accept(client, link)["Location"] == "/"
    person = User.objects.get(pk=zane.pk)
    assert (person.name, person.email, person.time_zone) == (
        "Zane A. Levy",
        "zane@fieldstone.example",
        "Europe/Madrid",
    )
    assert person.check_password(GOOD)
    address = EmailAddress.objects.get(user=person)
    assert (address.email, address.verified, address.primary) == (person.email, True, True)
    assert client.get("/profile/").context["user"] == person


def test_it_works_once(client, invite, zane):
    link = invite()
    accept(client, link)
    client.logout()
    again = accept(client, link, password="another set of good words")
    assert again.status_code == 410
    assert "This invitation has been used." in again.content.decode()
    assert User.objects.get(pk=zane.pk).check_password(GOOD)


@pytest.mark.parametrize("method", ["get", "post"])
def test_after_seven_days_it_says_whom_to_ask(client, invite, zane, method):
    link = invite()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = accept(client, link) if method == "post" else client.get(link)
    page = response.content.decode()
    assert response.status_code == 410
    assert "This invitation has expired." in page
    assert "Ask Elif Maes for a new one." in page
    assert not User.objects.get(pk=zane.pk).has_usable_password()


def test_it_lasts_seven_days(invite):
    invite()
    invitation = Invitation.objects.get()
    lasts = invitation.expires_at - invitation.created_at
    assert timedelta(days=7) - timedelta(minutes=1) < lasts <= timedelta(days=7)


def test_second_letter_ends_the_first(client, invite):
    first, second = invite(), invite()
    assert "This invitation was withdrawn." in client.get(first).content.decode()
    assert client.get(second).status_code == 200


def test_withdrawn_and_unknown_ones_are_said_clearly(client, admin, invite, zane):
    link = invite()
    client.force_login(admin)
    client.post(reverse("settings:person_withdraw", args=[zane.pk]))
    client.logout()
    assert "This invitation was withdrawn." in client.get(link).content.decode()
    unknown = client.get("/invitation/nonsense/")
    assert unknown.status_code == 404
    assert "This invitation is not known." in unknown.content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "12345678"}, "This password is too common."),
        ({"password": ""}, "This field is required."),
        ({"name": ""}, "This field is required."),
        ({"time_zone": "Mars/Base"}, "Select a valid choice."),
    ],
)
def test_refused_answers_keep_what_was_typed_but_the_password(client, invite, changes, said):
    link = invite()
    response = accept(client, link, **changes)
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert changes.get("name", "Zane A. Levy") in page
    assert GOOD not in page
    assert client.get(link).status_code == 200


def test_address_of_somebody_else_is_refused(client, admin, zane):
    UserFactory(name="Ana Kovač", email="ana@fieldstone.example")
    client.force_login(admin)
    response = client.post(
        reverse("settings:person_invite", args=[zane.pk]), {"email": "ANA@fieldstone.example"}
    )
    assert response.status_code == 422
    assert "Ana Kovač has this address already." in response.content.decode()
    assert not OutgoingMail.objects.exists()


def test_who_signs_in_already_is_not_invited(client, admin):
    ana = UserFactory(name="Ana Kovač")
    client.force_login(admin)
    response = client.post(reverse("settings:person_invite", args=[ana.pk]), {"email": ana.email})
    assert "Ana Kovač can sign in already." in response.content.decode()
    assert not Invitation.objects.exists()


def test_deactivated_person_cannot_take_it_up(client, admin, invite, zane):
    link = invite()
    client.force_login(admin)
    client.post(reverse("settings:person_leave", args=[zane.pk]))
    client.logout()
    assert accept(client, link).status_code == 410


def test_secret_is_not_written_into_the_log(client, invite, caplog):
    link = invite()
    with caplog.at_level("INFO"):
        client.get(link)
    assert "/invitation/<str:token>/" in caplog.text
    assert link.split("/")[2] not in caplog.text

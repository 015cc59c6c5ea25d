"""Mail waits in a table, is sent once, and is never sent twice."""

import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives, send_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone

from accounts.mail import PAUSES, OutgoingMail, forget_sent_mail, send_waiting_mail
from tests.factories import AdminFactory

State = OutgoingMail.State


class FailingTransport(BaseEmailBackend):
    """A mail server in a bad mood; `error` is what it raises, `at` when."""

    error: Exception
    at = "send"
    calls = 0

    def open(self):
        if self.at == "open":
            raise self.error

    def send_messages(self, messages):
        type(self).calls += 1
        raise self.error


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    settings.MAIL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def moody(settings):
    FailingTransport.at, FailingTransport.calls = "send", 0
    settings.MAIL_TRANSPORT = f"{__name__}.FailingTransport"
    return FailingTransport


def write(subject="Hello"):
    send_mail(subject, "Your link: https://example.com/secret", None, ["ana@example.com"])
    return OutgoingMail.objects.get(subject=subject)


@pytest.mark.django_db
def test_the_site_only_writes_it_down():
    written = write()
    assert mail.outbox == []
    assert written.state == State.WAITING


@pytest.mark.django_db(transaction=True)
def test_a_roll_back_takes_its_mail_back():
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_it_is_sent_whole_once_and_then_wiped():
    message = EmailMultiAlternatives(
        "Grüße,\n Ana", "text", "Hub <hub@example.com>", ["a@example.com"], ["b@example.com"],
        cc=["c@example.com"], reply_to=["d@example.com"], headers={"Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    message.attach_alternative("<p>html</p>", "text/html")
    message.send()
    assert send_waiting_mail() == 1
    assert send_waiting_mail() == 0
    [sent] = mail.outbox
    assert (sent.subject, sent.body, sent.from_email) == ("Grüße, Ana", "text", "Hub <hub@example.com>")
    assert sent.recipients() == ["a@example.com", "c@example.com", "b@example.com"]
    assert sent.reply_to == ["d@example.com"]
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert [tuple(part) for part in sent.alternatives] == [("<p>html</p>", "text/html")]
    row = OutgoingMail.objects.get()
    assert (row.state, row.text, row.html) == (State.SENT, "", "")


@pytest.mark.django_db
def test_attachments_are_refused_rather_than_lost():
    message = EmailMultiAlternatives("s", "b", None, ["a@example.com"])
    message.attach("a.txt", "x", "text/plain")
    with pytest.raises(ValueError, match="without attachments"):
        message.send()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "error"),
    [("open", ConnectionRefusedError()), ("send", smtplib.SMTPDataError(451, b"greylisted"))],
)
def test_what_surely_failed_is_tried_again_with_growing_pauses(moody, at, error):
    moody.at, moody.error = at, error
    row = write()
    for tries, pause in enumerate(PAUSES, start=1):
        before = timezone.now()
        assert send_waiting_mail() == 0
        row.refresh_from_db()
        assert (row.state, row.tries) == (State.WAITING, tries)
        assert before + pause <= row.next_try_at <= timezone.now() + pause
        assert send_waiting_mail() == 0
        row.refresh_from_db()
        assert row.tries == tries  # not before its pause is over
        OutgoingMail.objects.update(next_try_at=timezone.now())
    send_waiting_mail()
    row.refresh_from_db()
    assert row.state == State.FAILED


@pytest.mark.django_db
def test_a_refusal_for_good_is_not_tried_again(moody):
    moody.error = smtplib.SMTPRecipientsRefused({"ana@example.com": (550, b"no such user")})
    row = write()
    send_waiting_mail()
    row.refresh_from_db()
    assert (row.state, row.error) == (State.FAILED, "SMTPRecipientsRefused")


@pytest.mark.django_db
def test_where_nobody_can_know_it_is_not_sent_again(moody):
    moody.error = smtplib.SMTPServerDisconnected("gone in the middle")
    row = write()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send_waiting_mail()
    row.refresh_from_db()
    assert row.state == State.UNSURE
    send_waiting_mail()
    assert moody.calls == 1


@pytest.mark.django_db
def test_a_worker_that_died_while_sending_leaves_it_to_an_administrator():
    row = write()
    OutgoingMail.objects.update(state=State.SENDING, claimed_at=timezone.now() - timedelta(minutes=6))
    assert send_waiting_mail() == 0
    row.refresh_from_db()
    assert row.state == State.UNSURE


@pytest.mark.django_db
def test_each_message_keeps_one_identity_through_all_tries(moody, settings):
    moody.error = smtplib.SMTPDataError(451, b"greylisted")
    identity = write().headers["Message-ID"]
    assert identity != write("Another").headers["Message-ID"]
    send_waiting_mail()
    settings.MAIL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"
    OutgoingMail.objects.update(next_try_at=timezone.now())
    send_waiting_mail()
    assert f"Message-ID: {identity}" in mail.outbox[0].message().as_string()


@pytest.mark.django_db
@pytest.mark.parametrize(("act", "state", "sent"), [("send_again", "sent", 1), ("drop", "dropped", 0)])
@pytest.mark.parametrize("stuck", [State.UNSURE, State.FAILED])
def test_an_administrator_decides_about_what_is_stuck(client, act, state, sent, stuck):
    row, fine = write(), write("On its way")
    OutgoingMail.objects.filter(pk=row.pk).update(state=stuck)
    OutgoingMail.objects.filter(pk=fine.pk).update(state=State.SENDING, claimed_at=timezone.now())
    client.force_login(AdminFactory())
    form = {"action": act, "_selected_action": [row.pk, fine.pk]}
    assert client.post("/admin/accounts/outgoingmail/", form).status_code == 302
    send_waiting_mail()
    row.refresh_from_db()
    fine.refresh_from_db()
    assert (row.state, row.text, len(mail.outbox)) == (state, "", sent)
    assert fine.state == State.SENDING


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_each_mail_once():
    for number in range(30):
        write(f"Number {number}")
    start = threading.Barrier(4)

    def work():
        start.wait()
        send_waiting_mail()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(message.subject for message in mail.outbox) == sorted(f"Number {n}" for n in range(30))


@pytest.mark.django_db
def test_sent_mail_is_forgotten_after_a_month_and_what_failed_is_not():
    write("old and sent")
    write("old and failed")
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(days=31), state=State.FAILED)
    OutgoingMail.objects.filter(subject="old and sent").update(state=State.SENT)
    assert forget_sent_mail() == 1
    assert [row.subject for row in OutgoingMail.objects.all()] == ["old and failed"]

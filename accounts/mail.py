"""Outgoing mail waits in a table; the worker sends it.

The site never talks to a mail server: `OutboxBackend` (Django's `EMAIL_BACKEND`) writes each message down
in the writer's own transaction, so that a roll-back also takes back its mail. `send_waiting_mail` sends it.

A message is never sent twice. Before it is handed over it is claimed by one conditional UPDATE, which only
one worker can win. A refusal that surely came before delivery (no connection, an SMTP answer) is tried again
later with growing pauses; where nobody can know (the connection broke in the middle, the worker was killed)
the message stays `UNSURE` for an administrator to decide, rather than being sent again. So it is delivered at
most once by itself. Each message keeps one `Message-ID` through all tries: should an administrator send an
unsure one again, mail programs that got the first recognise the second.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from email.utils import make_msgid, parseaddr
from smtplib import SMTPRecipientsRefused, SMTPResponseException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

log = structlog.get_logger(__name__)

PAUSES = [timedelta(minutes=m) for m in (1, 5, 30, 120, 480)]  # between tries; after the last one we give up
CLAIM_LASTS = timedelta(minutes=5)  # far above EMAIL_TIMEOUT: an older claim belongs to a dead worker
KEPT_FOR = timedelta(days=30)
BATCH = 50


class OutgoingMail(models.Model):
    """One message on its way out. Its text is wiped once it is sent: it may hold a link to an account."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNSURE = "unsure", _("perhaps sent")
        DROPPED = "dropped", _("not sent again")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    sender = models.CharField(_("from"), max_length=320)
    recipients = models.JSONField(_("to"))
    cc = models.JSONField(default=list)
    bcc = models.JSONField(default=list)
    reply_to = models.JSONField(default=list)
    headers = models.JSONField(default=dict)
    subject = models.CharField(_("subject"), max_length=998)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("formatted text"), blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    next_try_at = models.DateTimeField(_("next try at"), default=timezone.now)
    claimed_at = models.DateTimeField(_("handed over at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "next_try_at"], name="outgoing_mail_due")]

    def __str__(self) -> str:
        return f"{self.subject} ({self.get_state_display()})"

    def as_message(self) -> EmailMultiAlternatives:
        message = EmailMultiAlternatives(
            self.subject,
            self.text,
            self.sender,
            self.recipients,
            cc=self.cc,
            bcc=self.bcc,
            reply_to=self.reply_to,
            headers=self.headers,
        )
        if self.html:
            message.attach_alternative(self.html, "text/html")
        return message


class OutboxBackend(BaseEmailBackend):
    """Writes messages down instead of sending them. Text and one HTML alternative; no attachments."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return len(OutgoingMail.objects.bulk_create([_written_down(message) for message in email_messages]))


def _written_down(message: EmailMessage) -> OutgoingMail:
    alternatives = list(getattr(message, "alternatives", []))
    if (
        message.attachments
        or any(mimetype != "text/html" for _content, mimetype in alternatives[:1])
        or alternatives[1:]
    ):
        raise ValueError("Outgoing mail is text with at most one HTML alternative, without attachments.")
    return OutgoingMail(
        sender=message.from_email,
        recipients=list(message.to),
        cc=list(message.cc),
        bcc=list(message.bcc),
        reply_to=list(message.reply_to),
        headers=_with_id(message),
        subject=" ".join(str(message.subject).split()),
        text=str(message.body),
        html=str(alternatives[0][0]) if alternatives else "",
    )


def _with_id(message: EmailMessage) -> dict[str, str]:
    """The message's headers with an identity of its own, where it brings none."""
    headers = {name: str(value) for name, value in message.extra_headers.items()}
    if "message-id" in {name.lower() for name in headers}:
        return headers
    domain = parseaddr(message.from_email)[1].partition("@")[2] or "localhost"
    return {**headers, "Message-ID": make_msgid(domain=domain)}


def send_waiting_mail() -> int:
    """Send every message that is due, oldest first, at most `BATCH`; return how many were sent."""
    now = timezone.now()
    OutgoingMail.objects.filter(state=OutgoingMail.State.SENDING, claimed_at__lt=now - CLAIM_LASTS).update(
        state=OutgoingMail.State.UNSURE, error="The worker ended while it was sending."
    )
    due = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING, next_try_at__lte=now)
    ids = due.order_by("next_try_at").values_list("pk", flat=True)[:BATCH]
    return sum(_send_one(pk) for pk in list(ids))


def _send_one(pk: int) -> bool:
    if not _claim(pk):
        return False
    mail = OutgoingMail.objects.get(pk=pk)
    connection = get_connection(settings.MAIL_TRANSPORT)
    try:
        connection.open()
    except OSError as error:  # smtplib's exceptions are OSErrors too
        _try_later(mail, error)
        return False
    try:
        connection.send_messages([mail.as_message()])
    except (SMTPResponseException, SMTPRecipientsRefused) as error:
        _refused(mail, error)
        return False
    except Exception as error:
        _finish(mail, OutgoingMail.State.UNSURE, error)
        raise  # not a mail server's answer: whoever runs the task shall see it
    finally:
        connection.close()
    mail.text = mail.html = ""
    _finish(mail, OutgoingMail.State.SENT)
    return True


def _claim(pk: int) -> bool:
    """Whether this worker, and no other, may send the message."""
    waiting = OutgoingMail.objects.filter(pk=pk, state=OutgoingMail.State.WAITING)
    return bool(
        waiting.update(
            state=OutgoingMail.State.SENDING, claimed_at=timezone.now(), tries=models.F("tries") + 1
        )
    )


def _refused(mail: OutgoingMail, error: SMTPResponseException | SMTPRecipientsRefused) -> None:
    """A 4xx answer asks us to come back later; a 5xx answer is final."""
    if isinstance(error, SMTPRecipientsRefused):
        final = all(code >= 500 for code, _answer in error.recipients.values())
    else:
        final = error.smtp_code >= 500
    if final:
        _finish(mail, OutgoingMail.State.FAILED, error)
    else:
        _try_later(mail, error)


def _try_later(mail: OutgoingMail, error: Exception) -> None:
    if mail.tries > len(PAUSES):
        _finish(mail, OutgoingMail.State.FAILED, error)
        return
    mail.next_try_at = timezone.now() + PAUSES[mail.tries - 1]
    _finish(mail, OutgoingMail.State.WAITING, error)


def _finish(mail: OutgoingMail, state: OutgoingMail.State, error: Exception | None = None) -> None:
    mail.state = state
    mail.error = type(error).__name__ if error else ""  # an answer may quote addresses: keep its kind only
    mail.save(update_fields=["state", "error", "next_try_at", "text", "html"])
    log.info("mail", mail=mail.pk, state=str(state), tries=mail.tries, error=mail.error)


STUCK = (OutgoingMail.State.FAILED, OutgoingMail.State.UNSURE)


def send_again(ids: Collection[int]) -> int:
    """Puts messages that failed, or were perhaps sent, on their way anew; returns how many."""
    stuck = OutgoingMail.objects.filter(pk__in=ids, state__in=STUCK)
    return stuck.update(state=OutgoingMail.State.WAITING, tries=0, next_try_at=timezone.now())


def drop(ids: Collection[int]) -> int:
    """Lets such messages rest: their text is wiped, and nothing asks about them; returns how many."""
    stuck = OutgoingMail.objects.filter(pk__in=ids, state__in=STUCK)
    return stuck.update(state=OutgoingMail.State.DROPPED, text="", html="")


def forget_sent_mail() -> int:
    """Delete messages sent, or dropped, and older than `KEPT_FOR`; return how many."""
    done = (OutgoingMail.State.SENT, OutgoingMail.State.DROPPED)
    old = OutgoingMail.objects.filter(state__in=done, created_at__lt=timezone.now() - KEPT_FOR)
    return old.delete()[0]

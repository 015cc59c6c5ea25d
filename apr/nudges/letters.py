"""Letters to one person, in their language and by their clock, each with its way out.

A letter is written down in the transaction that marks what stands in it (`accounts.mail` sends it later): so
one is never written twice, and none is lost.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from apr.models import Notification, NudgeKind
from apr.nudges.links import Letter, answer_link, unsubscribe_link, whole
from apr.nudges.words import Told, told

log = structlog.get_logger(__name__)
Reader = TypeVar("Reader")


@dataclass(frozen=True)
class Line:
    """A notification as a letter says it: the words, and the whole address of what to do."""

    told: Told
    url: str


def lines(rows: list[Notification]) -> list[Line]:
    """The notifications of one letter. An entry that waits for a word is answered straight from it."""
    return [Line(told(row), _address(row)) for row in rows]


def _address(row: Notification) -> str:
    if row.kind == NudgeKind.CONFIRM:
        return answer_link(row.person, int(row.subject.partition(":")[2]))
    return whole(told(row).url)


def write_each(readers: Iterable[Reader], write_one: Callable[[Reader], bool]) -> int:
    """Writes to each; what goes wrong with one letter keeps nobody else from theirs, and is raised at last.

    Returns how many letters were written.
    """
    written, broken = 0, None
    for reader in readers:
        try:
            written += write_one(reader)
        except Exception as error:
            log.exception("letter")
            broken = error
    if broken is not None:
        raise broken
    return written


def write(person: User, letter: Letter, subject: str, template: str, context: dict[str, object]) -> None:
    """Writes a letter down, as text and as simple HTML, with headers by which mail programs unsubscribe
    (RFC 8058)."""
    out = unsubscribe_link(person, letter)
    shown = {
        **context,
        "person": person,
        "subject": subject,
        "unsubscribe_url": out,
        "choices_url": whole(reverse("apr:notification_choices")),
        "home_url": whole("/"),
        "language": person.locale,
    }
    message = EmailMultiAlternatives(
        subject,
        render_to_string(f"mail/{template}.txt", shown),
        to=[str(person.email)],
        headers={
            "List-Unsubscribe": f"<{out}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string(f"mail/{template}.html", shown), "text/html")
    message.send()

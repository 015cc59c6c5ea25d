"""What is mailed at once: notifications of the kinds that a person wants to hear of straight away."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from accounts.readers import as_read_by
from apr.models import Channel, Notification, NotificationChoice, NudgeKind
from apr.nudges.letters import lines, write, write_each
from apr.nudges.links import Letter
from foundation.wording import number

DAY = range(7, 22)  # nobody's telephone rings at night: what comes up then is mailed in the morning
KINDS: list[str] = NudgeKind.values  # the order in which they are listed
MOST = 30  # in one letter; the rest is counted


def mail_at_once() -> int:
    """Mails what is new to those who want it at once, all of one person in one letter; returns how many
    letters were written."""
    now = timezone.now()
    choices = NotificationChoice.objects.filter(person__is_active=True, person__email__isnull=False)
    wanting = {c.person_id: kinds for c in choices.select_related("person") if (kinds := _kinds(c, now))}
    if not wanting:
        return 0
    waiting = Notification.objects.unread().filter(mailed_at__isnull=True, person__in=wanting)
    pairs = waiting.order_by().values_list("person", "kind").distinct()
    people = sorted({person for person, kind in pairs if kind in wanting[person]})
    return write_each(people, lambda person: _write(person, wanting[person]))


def _kinds(choice: NotificationChoice, now: datetime) -> set[str]:
    """What is mailed to somebody at once at this hour of their day."""
    if now.astimezone(choice.person.tzinfo).hour not in DAY:
        return set()
    return {str(kind) for kind in NudgeKind if choice.channel(kind) == Channel.NOW}


@transaction.atomic
def _write(person_id: int, kinds: set[str]) -> bool:
    # Whoever comes second finds them marked.
    person = User.objects.select_for_update(of=("self",)).get(pk=person_id)
    rows = take(Notification.objects.unread().filter(person=person, kind__in=kinds))
    if not rows:
        return False
    with as_read_by(person):
        shown = lines(rows[:MOST])
        context = {"lines": shown, "more": len(rows) - len(shown)}
        write(person, Letter.NOW, subject_of(rows), "nudges", context)
    return True


def take(found: QuerySet[Notification]) -> list[Notification]:
    """The notifications that no letter has held yet, kind by kind, marked as mailed now."""
    rows = list(found.filter(mailed_at__isnull=True).select_related("person", "deal"))
    rows.sort(key=lambda row: (KINDS.index(row.kind), row.subject))
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())
    return rows


def subject_of(rows: list[Notification]) -> str:
    """The one thing itself, or how many they are."""
    if len(rows) == 1:
        return lines(rows)[0].told.what
    words = ngettext("%(n)s thing needs you", "%(n)s things need you", len(rows))
    return words % {"n": number(len(rows))}

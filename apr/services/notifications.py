"""Reading what one was told, and choosing how one wants to be told."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.anonymising import Forgotten
from apr.models import Channel, Notification, NotificationChoice, NudgeKind, Rhythm
from apr.nudges.links import Letter
from foundation.errors import NotAllowed


def mark_read(*, notification: Notification, by: User, read: bool = True) -> None:
    """Puts one aside, or back; only whom it was told to can (NotAllowed)."""
    if notification.person_id != by.pk:
        raise NotAllowed(_("Only who was told this can put it aside."))
    rows = Notification.objects.filter(pk=notification.pk, read_at__isnull=read)
    rows.update(read_at=timezone.now() if read else None)


def mark_all_read(*, notifications: QuerySet[Notification], by: User) -> int:
    """Puts all of these aside that are one's own and unread; returns how many."""
    mine = Notification.objects.visible_to(by).unread().filter(pk__in=notifications.values("pk"))
    return mine.update(read_at=timezone.now())


@transaction.atomic
def choose(
    *, by: User, channels: dict[str, Channel], digest: Rhythm, hour: int, team_digest: bool
) -> NotificationChoice:
    """Writes down how `by` wants to be told of each kind."""
    row = _locked(by)
    row.channels = {kind: str(channel) for kind, channel in channels.items()}
    row.digest, row.hour, row.team_digest = digest, hour, team_digest
    row.save()
    return row


@transaction.atomic
def stop(*, letter: Letter, by: User) -> None:
    """Stops one sort of letter to `by`; what it told stays to be seen on the site. Twice changes nothing."""
    row = _locked(by)
    if letter == Letter.NOW:
        quiet = {str(k): str(Channel.SITE) for k in NudgeKind if row.channel(k) == Channel.NOW}
        row.channels = {**row.channels, **quiet}
    elif letter == Letter.DIGEST:
        row.digest = Rhythm.OFF
    else:
        row.team_digest = False
    row.save()


def _locked(person: User) -> NotificationChoice:
    NotificationChoice.objects.get_or_create(person=person)
    return NotificationChoice.objects.select_for_update().get(person=person)


def forget(forgotten: Forgotten) -> None:
    """Deletes what somebody was told, and replaces their name in what others were told."""
    Notification.objects.filter(person=forgotten.person).delete()
    for row in forgotten.named_in(Notification.objects.all(), "facts"):
        row.facts = forgotten.said_otherwise(row.facts)
        row.save(update_fields=["facts"])

"""Telling people: what was found becomes notifications, and those whose reason is gone are closed.

One run is one transaction, and only one runs at a time. A run that is killed leaves nothing behind; the next
one does all of it, and running twice changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from apr.models import Channel, Notification, NotificationChoice, NudgeRules, TrialMember
from apr.nudges.finding import Facts, Found, find

log = structlog.get_logger(__name__)

BATCH = 500
KEPT_FOR = timedelta(days=180)  # settled notifications, so that somebody can look back

Key = tuple[int, str, str]


@dataclass(frozen=True)
class Run:
    """How many notifications a run opened, closed and brought up to date."""

    opened: int = 0
    closed: int = 0
    changed: int = 0


@dataclass(frozen=True)
class Wanted:
    """What a notification should hold now."""

    facts: Facts
    deal_id: int | None


def tell() -> Run | None:
    """Brings everybody's notifications up to date; None where another run is at it."""
    NudgeRules.current()
    with transaction.atomic():
        rules = NudgeRules.objects.select_for_update(skip_locked=True).first()
        if rules is None:
            return None
        wanted = dict(_wanted(rules))
        standing = {_key(row): row for row in Notification.objects.open()}
        now = timezone.now()
        run = Run(
            opened=_open([(key, one) for key, one in wanted.items() if key not in standing], now),
            closed=_close([row.pk for key, row in standing.items() if key not in wanted], now),
            changed=_change([(row, wanted[key]) for key, row in standing.items() if key in wanted]),
        )
    log.info("nudges", opened=run.opened, closed=run.closed, changed=run.changed)
    return run


def _key(row: Notification) -> Key:
    return (row.person_id, row.kind, row.subject)


def _wanted(rules: NudgeRules) -> Iterator[tuple[Key, Wanted]]:
    """What each person should be told, less what they do not want to hear of, or go without in a trial."""
    members = TrialMember.objects.without_nudge(Organisation.current().today())
    held_back = set(members.values_list("person_id", "trial__kind"))
    choices = {choice.person_id: choice for choice in NotificationChoice.objects.all()}

    def wants(person: User, found: Found) -> bool:
        if (person.pk, str(found.kind)) in held_back:
            return False
        choice = choices.get(person.pk)
        return choice is None or choice.channel(found.kind) != Channel.NONE

    for found in find(rules):
        for person in (*found.people, *found.outsiders):
            if wants(person, found):
                deal_id = None if person in found.outsiders else found.deal_id
                yield (person.pk, str(found.kind), found.subject), Wanted(found.facts, deal_id)


def _open(new: list[tuple[Key, Wanted]], now: datetime) -> int:
    rows = [
        Notification(
            person_id=person, kind=kind, subject=subject, facts=one.facts, deal_id=one.deal_id, opened_at=now
        )
        for (person, kind, subject), one in reversed(new)  # so that what is found first is listed first
    ]
    return len(Notification.objects.bulk_create(rows, batch_size=BATCH))


def _close(gone: list[int], now: datetime) -> int:
    parts = (gone[first : first + BATCH] for first in range(0, len(gone), BATCH))
    return sum(Notification.objects.filter(pk__in=part).update(closed_at=now) for part in parts)


def _change(both: list[tuple[Notification, Wanted]]) -> int:
    changed = []
    for row, one in both:
        if (row.facts, row.deal_id) != (one.facts, one.deal_id):
            row.facts, row.deal_id = one.facts, one.deal_id
            changed.append(row)
    return Notification.objects.bulk_update(changed, ["facts", "deal"], batch_size=BATCH)


def forget_old_notifications() -> int:
    """Delete what was settled more than `KEPT_FOR` ago; return how many."""
    old = Notification.objects.filter(closed_at__lt=timezone.now() - KEPT_FOR)
    return old.delete()[0]

"""A person's own digest: what is new, from their hour on, each working day or once a week; with the first one
after a week come its figures, before anybody who leads them is mailed those."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.calendar import WorkingCalendar
from accounts.calendars import organisation_calendar
from accounts.models import User
from accounts.readers import as_read_by
from apr.models import Channel, Digest, DigestKind, Notification, NudgeKind, Rhythm
from apr.nudges.letters import lines, write, write_each
from apr.nudges.links import Letter, whole
from apr.nudges.mailing import MOST, subject_of, take
from apr.nudges.weeks import Lines, Reader, last_week, readers, told_on
from apr.periods import PeriodKind, period_containing
from apr.periods_shown import label_of
from apr.score_words import seen_by, standing_of
from apr.scorecards import Score, people_scores
from foundation.wording import day as said_day

KEPT_FOR = timedelta(days=60)  # only the last weeks are asked for
CHUNK = 200  # people whose figures are read together


@dataclass(frozen=True)
class Due:
    """A digest to write: on `day`, the person's date; with the figures of `week`, named by its Monday."""

    reader: Reader
    day: date
    week: date | None


@dataclass(frozen=True)
class Figures:
    """A person's last week, and the month in which it ended."""

    week: Score
    month: Score

    @property
    def says_something(self) -> bool:
        """Whether there is anything to show: points, or a target to hold them against."""
        return any(score.raw_points or score.target is not None for score in (self.week, self.month))


def write_digests() -> int:
    """Writes the digests that are due; returns how many letters that made."""
    office = organisation_calendar()
    known = readers(User.objects.active())
    due = _due(known.values(), office)
    plans = {week: Lines(week, office, known) for week in {one.week for one in due if one.week}}
    return write_each(_with_figures(due), lambda letter: _write(letter[0], plans, letter[1]))


def _with_figures(due: list[Due]) -> Iterator[tuple[Due, Figures | None]]:
    for first in range(0, len(due), CHUNK):
        part = due[first : first + CHUNK]
        figures = _figures(part)
        yield from ((one, figures.get(one.reader.person.pk)) for one in part)


def _due(known: Iterable[Reader], office: WorkingCalendar) -> list[Due]:
    """Whose hour has come on a working day, and who has not got it yet."""
    now = timezone.now()
    rows = Digest.objects.filter(kind=DigestKind.OWN, written_at__gte=now - timedelta(days=28))
    days, weeks = set[tuple[int, date]](), set[tuple[int, date]]()
    for row in rows:
        days.add((row.person_id, row.day))
        if row.week:
            weeks.add((row.person_id, row.week))
    due = []
    for one in known:
        pk, local = one.person.pk, now.astimezone(one.person.tzinfo)
        day = local.date()
        if not one.gets_digest or local.hour < one.choice.hour or (pk, day) in days:
            continue
        if not office.is_working(day):
            continue
        week: date | None = last_week(day)
        if week is None or (pk, week) in weeks or day < told_on(week, office):
            week = None
        if week is not None or one.choice.digest == Rhythm.DAILY:
            due.append(Due(one, day, week))
    return due


def _figures(due: list[Due]) -> dict[int, Figures]:
    """The figures of those whose week is over, read for all who share a date at once."""
    groups: dict[tuple[date, date], list[User]] = defaultdict(list)
    for one in due:
        if one.week is not None:
            groups[one.day, one.week].append(one.reader.person)
    found: dict[int, Figures] = {}
    for (day, week), people in groups.items():
        last_day = week + timedelta(days=6)
        of_week = people_scores(people, period_containing(week, PeriodKind.WEEK), today=day)
        of_month = people_scores(people, period_containing(last_day, PeriodKind.MONTH), today=day)
        found |= {person.pk: Figures(of_week[person], of_month[person]) for person in people}
    return found


@transaction.atomic
def _write(due: Due, plans: dict[date, Lines], figures: Figures | None) -> bool:
    # Whoever comes second finds the row of the first.
    person = User.objects.select_for_update(of=("self",)).get(pk=due.reader.person.pk)
    same = Q(day=due.day) | Q(week=due.week) if due.week else Q(day=due.day)
    if Digest.objects.filter(same, person=person, kind=DigestKind.OWN).exists():
        return False
    plan = plans[due.week] if due.week else None
    leaders_from = plan.promised(person.pk) if plan else None
    Digest.objects.create(
        person=person, kind=DigestKind.OWN, day=due.day, week=due.week, leaders_from=leaders_from
    )
    kinds = [kind for kind in NudgeKind if due.reader.choice.channel(kind) == Channel.DIGEST]
    rows = take(Notification.objects.unread().filter(person=person, kind__in=kinds))
    if figures is not None and not figures.says_something:
        figures = None
    if not rows and figures is None:
        return False
    with as_read_by(person):
        shown = lines(rows[:MOST])
        context: dict[str, Any] = {"lines": shown, "more": len(rows) - len(shown), "week": None}
        subject = subject_of(rows) if figures is None else ""
        if figures is not None and plan is not None:
            context["week"] = _told(figures, plan, person)
            subject = _("Your %(week)s") % {"week": label_of(figures.week.period)}
        write(person, Letter.DIGEST, subject, "digest", context)
    return True


def _told(figures: Figures, plan: Lines, person: User) -> dict[str, Any]:
    """What the letter says about the week: the figures, who sees them, and when leaders are mailed them."""
    leaders_from = plan.promised(person.pk)
    return {
        "label": label_of(figures.week.period),
        "points": standing_of(figures.week),
        "month_label": label_of(figures.month.period),
        "month": standing_of(figures.month),
        "why": figures.month.why,
        "url": whole(f"{reverse('apr:me')}?period={figures.week.period.key}"),
        "seen_by": seen_by(plan.names_of_onlookers(person.pk)),
        "leaders_from": said_day(leaders_from) if leaders_from else "",
    }


def forget_old_digests() -> int:
    """Delete the record of digests that nothing asks for any more; return how many."""
    return Digest.objects.filter(written_at__lt=timezone.now() - KEPT_FOR).delete()[0]

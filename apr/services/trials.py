"""Starting a trial of a nudge, and stopping it early. What is stated at the start is never changed."""

import secrets
from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organisation, Team, User
from accounts.permissions import may_configure
from apr.models import TRIABLE, NudgeRules, Trial, TrialMeasure, TrialMember
from apr.trials.analysis import VERSION
from apr.trials.drawing import FEWEST, digest
from apr.trials.planning import Plan, halves_of, plan
from audit.models import Kind
from audit.recording import record
from foundation.errors import InvalidInput, NotAllowed
from foundation.wording import number

SHORTEST, LONGEST = timedelta(days=14), timedelta(days=183)
LATEST_START = timedelta(days=92)
SEEDS = 2**31


@transaction.atomic
def start_trial(
    *, kind: str, measure: TrialMeasure, teams: Collection[Team], starts_on: date, last_day: date, by: User
) -> Trial:
    """States all of a trial and draws the halves.

    Raises NotAllowed, or InvalidInput at what is in the way: dates, a nudge that is switched off or told to
    two, too few people, people who are in another trial of the same nudge on one of the days.
    """
    _only_admins(by)
    # One at a time, and none while people are being told.
    rules = NudgeRules.objects.select_for_update().get(pk=NudgeRules.current().pk)
    if kind not in TRIABLE:
        raise InvalidInput(_("Of this two people are told, who can be in different halves."), field="kind")
    if kind in rules.kinds_off:
        raise InvalidInput(_("This nudge is switched off: nobody gets it."), field="kind")
    today = Organisation.current().today()
    ends_on = end_of(starts_on, last_day, today)
    planned = plan(kind, measure, teams, starts_on, ends_on, today)
    _check_people(kind, starts_on, ends_on, planned)
    trial = write_trial(kind, measure, teams, starts_on, ends_on, planned, seed=new_seed(), by=by)
    record(
        Kind.CONFIGURATION,
        "started",
        of=trial,
        label=str(trial.pk),
        by=by.pk,
        after={
            "kind": kind,
            "measure": measure,
            "starts_on": starts_on.isoformat(),
            "last_day": last_day.isoformat(),
            "people": len(planned.team_of),
            "drawn": trial.drawn,
        },
    )
    return trial


def new_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(SEEDS)


def end_of(starts_on: date, last_day: date, today: date) -> date:
    """The first day after a trial that is stated today; InvalidInput at the field that is wrong."""
    if starts_on <= today:
        raise InvalidInput(_("It can start tomorrow at the earliest: today has begun."), field="starts_on")
    if starts_on > today + LATEST_START:
        raise InvalidInput(_("Start it within three months."), field="starts_on")
    ends_on = last_day + timedelta(days=1)
    if ends_on - starts_on < SHORTEST:
        raise InvalidInput(_("Let it last two weeks or longer."), field="last_day")
    if ends_on - starts_on > LONGEST:
        raise InvalidInput(_("Let it last half a year at most."), field="last_day")
    return ends_on


def _check_people(kind: str, starts_on: date, ends_on: date, planned: Plan) -> None:
    people = planned.team_of
    if not planned.is_large_enough:
        there = ngettext("There is %(n)s.", "There are %(n)s.", len(people)) % {"n": number(len(people))}
        needed = _("It takes %(n)s people, half of them without the nudge.") % {"n": number(2 * FEWEST)}
        raise InvalidInput(f"{needed} {there}", field="teams")
    taken = TrialMember.objects.filter(
        trial__in=Trial.objects.overlapping(starts_on, ends_on).filter(kind=kind),
        person__in=people,
    )
    if count := taken.values("person").distinct().count():
        words = ngettext(
            "%(n)s of these people is in another trial of this nudge on some of these days.",
            "%(n)s of these people are in another trial of this nudge on some of these days.",
            count,
        )
        raise InvalidInput(words % {"n": number(count)}, field="teams")


def write_trial(
    kind: str,
    measure: TrialMeasure,
    teams: Collection[Team],
    starts_on: date,
    ends_on: date,
    planned: Plan,
    *,
    seed: int,
    by: User | None,
) -> Trial:
    """Draws the halves from the seed and writes them down; rights, dates and people were checked before."""
    halves = halves_of(planned, seed)
    trial = Trial.objects.create(
        kind=kind,
        measure=measure,
        starts_on=starts_on,
        ends_on=ends_on,
        seed=seed,
        version=VERSION,
        drawn=digest(halves, seed),
        expected=planned.expected,
        smallest=planned.smallest,
        started_by=by,
    )
    trial.teams.set(teams)
    TrialMember.objects.bulk_create(
        TrialMember(
            trial=trial, person_id=person, team_id=planned.team_of[person], stratum=stratum, gets_nudge=nudged
        )
        for person, stratum, nudged in halves
    )
    return trial


@transaction.atomic
def stop_trial(*, trial_id: int, reason: str, by: User) -> Trial:
    """Ends a trial before its time, for a reason: everybody gets the nudge again, and no verdict is given.

    Raises NotAllowed, or InvalidInput without a reason or where it is over already.
    """
    _only_admins(by)
    if not reason.strip():
        raise InvalidInput(_("Say why, so that others understand it later."), field="reason")
    trial = Trial.objects.select_for_update().get(pk=trial_id)
    if trial.is_stopped:
        raise InvalidInput(_("It was stopped already."), code="stopped")
    if trial.ends_on <= Organisation.current().today():
        raise InvalidInput(_("It is over already; its result stands."), code="over")
    trial.stopped_at, trial.stopped_by, trial.stop_reason = timezone.now(), by, reason.strip()
    trial.save(update_fields=["stopped_at", "stopped_by", "stop_reason"])
    record(
        Kind.CONFIGURATION,
        "stopped",
        of=trial,
        label=str(trial.pk),
        by=by.pk,
        after={"reason": trial.stop_reason},
    )
    return trial


def _only_admins(by: User) -> None:
    if not may_configure(by):
        raise NotAllowed(_("Only administrators run trials."))

"""What happened on a deal, newest first: actions, steps, offers, obstacles and promises in one list."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from apr.coaching import what_followed
from apr.models import Action, ActionCapacity, CoachingAdvice, Confirmation
from apr.permissions import may_read_notes
from apr.scorecards import action_points
from foundation.wording import day, number
from opportunities.measures import Measures
from opportunities.models import (
    Capacity,
    Commitment,
    CommitmentOutcome,
    HandOver,
    HandOverOutcome,
    Obstacle,
    Opportunity,
    StageChange,
)

SHOWN = 20


class Show(StrEnum):
    """What the reader wants to see."""

    ALL = "all"
    ACTIONS = "actions"
    STAGES = "stages"
    PROMISES = "promises"


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    An action has the category as its `mark`, drawn in the colour of `whose` lane (pm, ae) and in the size of
    its `weight`, 1 to 3; for everything else `mark` names an icon. `points` are those that count, None where
    nothing is scored. `follows` says what followed a coaching session.
    """

    at: datetime
    mark: str
    title: str
    what: str = ""
    notes: tuple[str, ...] = ()
    points: int | None = None
    is_voided: bool = False
    whose: str = ""
    weight: int = 0
    action_id: int | None = None
    is_coaching: bool = False
    follows: str = ""


@dataclass(frozen=True)
class Timeline:
    """The newest entries and how many there are in all."""

    entries: list[Entry]
    total: int

    @property
    def left(self) -> int:
        """How many are not shown."""
        return self.total - len(self.entries)


def timeline_of(
    deal: Opportunity, reader: User, measures: Measures, show: Show = Show.ALL, limit: int = SHOWN
) -> Timeline:
    """The newest `limit` entries of a deal that `reader` sees. At most ten queries."""
    entries: list[Entry] = []
    total = 0
    if show in (Show.ALL, Show.ACTIONS):
        actions = Action.objects.visible_to(reader).filter(opportunity=deal)
        total += actions.count()
        entries += _actions(actions, deal, reader, measures, limit)
    if show in (Show.ALL, Show.STAGES):
        entries += [_step(row) for row in deal.stage_changes.select_related("changed_by", "lost_reason")]
    if show in (Show.ALL, Show.PROMISES):
        for promise in deal.commitments.select_related("made_by", "made_to"):
            entries += _promise(promise)
    if show == Show.ALL:
        for obstacle in deal.obstacles.select_related("raised_by", "cleared_by", "cleared_with"):
            entries += _obstacle(obstacle)
        people = ("offered_by", "offered_to", "recorded_by", "answered_by", "partner")
        for hand_over in deal.hand_overs.select_related(*people):
            entries += _hand_over(hand_over)
    total += sum(entry.action_id is None for entry in entries)
    return Timeline(sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit], total)


def _actions(
    actions: QuerySet[Action], deal: Opportunity, reader: User, measures: Measures, limit: int
) -> list[Entry]:
    about = ("action_type", "actor", "counterpart", "partner", "customer", "advice")
    related = actions.select_related(*about)
    rows = list(related.order_by("-occurred_at", "-id")[:limit])
    points = action_points([row for row in rows if not row.is_voided])
    managers = deal.assignments.filter(capacity=Capacity.PARTNER_MANAGER).values_list("user", flat=True)
    as_manager = set(managers) if rows else set()
    sessions = [row for row in rows if row.action_type.is_coaching]
    followed = what_followed(sessions, reader, measures.calendar, measures.today)
    return [
        replace(
            _action(row, reader),
            whose=_lane(row, as_manager),
            points=points[row.pk].counted if row.pk in points else None,
            weight=min(points[row.pk].raw, 3) if row.pk in points else 1,
            is_coaching=row.action_type.is_coaching,
            follows=followed[row.pk].words if row.pk in followed else "",
        )
        for row in rows
    ]


def _lane(row: Action, managers: set[int]) -> str:
    if row.capacity == ActionCapacity.ACCOUNT_EXECUTIVE:
        return "ae"
    is_pm = row.capacity == ActionCapacity.PARTNER_MANAGER or row.actor_id in managers
    return "pm" if is_pm else ""


def _action(row: Action, reader: User) -> Entry:
    notes = [row.actor.name]
    if row.counterpart:
        notes[0] = _("%(name)s with %(other)s") % {"name": row.actor, "other": row.counterpart}
    if row.duration_minutes:
        notes.append(_("%(minutes)s min") % {"minutes": number(row.duration_minutes)})
    if row.confirmation == Confirmation.CONFIRMED:
        notes.append(_("confirmed by %(name)s") % {"name": row.counterpart})
    elif row.confirmation == Confirmation.DISPUTED:
        notes.append(_("disputed by %(name)s") % {"name": row.counterpart})
    notes += _advice(row, reader)
    if row.notes and may_read_notes(reader, row):
        notes.append(row.notes)
    return Entry(
        at=row.occurred_at,
        mark=row.action_type.category,
        title=row.action_type.name,
        what=row.partner.name if row.partner else "",
        notes=tuple(notes),
        is_voided=row.is_voided,
        action_id=row.pk,
    )


def _advice(row: Action, reader: User) -> list[str]:
    """That advice was given and acknowledged; to the two its words."""
    advice: CoachingAdvice | None = getattr(row, "advice", None)
    if advice is None or not row.action_type.is_coaching:
        return []
    is_read = advice.acknowledged_at is not None
    said = [_("advice acknowledged") if is_read else _("advice not acknowledged yet")]
    if may_read_notes(reader, row):
        said.append(f"“{advice.text}”")
        said += [f"{row.counterpart}: “{advice.word}”"] if advice.word else []
    return said


def _step(row: StageChange) -> Entry:
    notes = [row.changed_by.name] if row.changed_by else []
    if row.criteria_met:
        met = sum(bool(one["met"]) for one in row.criteria_met)
        words = _("exit criteria met %(met)s of %(all)s")
        notes.append(words % {"met": number(met), "all": number(len(row.criteria_met))})
    notes += [str(words) for words in (row.lost_reason, row.note) if words]
    title = (
        _("Moved from %(stage)s to") % {"stage": row.from_stage_name}
        if row.from_stage_name
        else _("Opened in")
    )
    return Entry(row.effective_at, "arrow-right", title, row.to_stage_name, tuple(notes))


SETTLED = {
    CommitmentOutcome.KEPT: ("circle-check", gettext_lazy("Promise kept")),
    CommitmentOutcome.LATE: ("clock", gettext_lazy("Promise kept late")),
    CommitmentOutcome.BROKEN: ("circle-x", gettext_lazy("Promise broken")),
    CommitmentOutcome.WITHDRAWN: ("circle-minus", gettext_lazy("Promise withdrawn")),
}


def _promise(row: Commitment) -> list[Entry]:
    made = Entry(
        at=row.made_at,
        mark="flag",
        title=_("Promised") if row.made_to is None else _("Promised to %(name)s") % {"name": row.made_to},
        what=row.text,
        notes=(row.made_by.name, _("due %(day)s") % {"day": day(row.due_on)}),
    )
    if row.settled_at is None:
        return [made]
    mark, title = SETTLED[CommitmentOutcome(row.outcome)]
    return [made, replace(made, at=row.settled_at, mark=mark, title=str(title))]


def _obstacle(row: Obstacle) -> list[Entry]:
    notes = [row.raised_by.name]
    if row.needs_partner:
        notes.append(_("needs the partner"))
    if row.due_on:
        notes.append(_("due %(day)s") % {"day": day(row.due_on)})
    raised = Entry(row.raised_at, "barrier-block", _("Obstacle raised"), row.description, tuple(notes))
    if row.cleared_at is None:
        return [raised]
    told = [row.cleared_by.name] if row.cleared_by else []
    if row.cleared_with:
        told.append(_("with %(partner)s") % {"partner": row.cleared_with})
    told += filter(None, [row.resolution])
    return [raised, Entry(row.cleared_at, "check", _("Obstacle cleared"), row.description, tuple(told))]


ANSWERED = {
    HandOverOutcome.ACCEPTED: ("user-check", gettext_lazy("Accepted by")),
    HandOverOutcome.RETURNED: ("arrow-back-up", gettext_lazy("Returned by")),
    HandOverOutcome.WITHDRAWN: ("circle-minus", gettext_lazy("Offer withdrawn, it had gone to")),
}


def _hand_over(row: HandOver) -> list[Entry]:
    """The offer and its answer; who acted for somebody else is named."""
    notes = [row.offered_by.name, _("through %(partner)s") % {"partner": row.partner}]
    notes.append(_("answer by %(day)s") % {"day": day(row.due_on)})
    notes += [*_for_another(row.recorded_by, row.offered_by), *filter(None, [row.note])]
    offered = Entry(row.offered_at, "user-share", _("Offered to"), row.offered_to.name, tuple(notes))
    if row.answered_at is None or row.answered_by is None:
        return [offered]
    mark, title = ANSWERED[HandOverOutcome(row.outcome)]
    who = row.offered_by if row.outcome == HandOverOutcome.WITHDRAWN else row.offered_to
    told = (*filter(None, [row.reason]), *_for_another(row.answered_by, who))
    return [offered, Entry(row.answered_at, mark, str(title), row.offered_to.name, told)]


def _for_another(recorded: User, who: User) -> list[str]:
    return [] if recorded == who else [_("recorded by %(name)s") % {"name": recorded}]

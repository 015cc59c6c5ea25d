"""The one door through which a deal changes its stage, whoever asks: board, form, API or import."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from foundation.errors import Conflict, InvalidInput, NotAllowed
from opportunities.models import LostReason, Opportunity, Stage, StageChange, StageKind
from opportunities.permissions import may_move


def locked(opportunity_id: int, version: int | None) -> Opportunity:
    """The deal, locked until the transaction ends; a stale `version` is a Conflict. None skips that check."""
    deal = (
        Opportunity.objects.select_for_update(of=("self",))
        .select_related("stage", "funnel", "owner", "partner_manager")
        .get(pk=opportunity_id)
    )
    if version is not None and version != deal.version:
        raise changed_meanwhile(deal, version)
    return deal


def changed_meanwhile(deal: Opportunity, version: int) -> Conflict:
    """The refusal of a write that was meant for an earlier `version` of the deal."""
    return Conflict(
        _("Somebody changed this deal in the meantime. It now stands in %(stage)s.") % {"stage": deal.stage},
        current={"stage": deal.stage.name, "version": deal.version},
        attempted={"version": version},
    )


@transaction.atomic
def move_stage(
    *,
    opportunity_id: int,
    to_stage: Stage,
    by: User,
    version: int | None = None,
    effective_at: datetime | None = None,
    lost_reason: LostReason | None = None,
    criteria_met: Sequence[str] | None = None,
    note: str = "",
) -> StageChange:
    """Moves a deal to another stage of its funnel and writes the step into its history.

    `effective_at` defaults to now and cannot lie before the last step or in the future. A lost deal needs an
    active reason. `criteria_met` names the exit criteria that hold (None: they were not asked for); moving on
    with some unmet needs a `note`. Leaving a closing stage reopens the deal and clears its close.
    Raises NotAllowed, Conflict (stale `version`) or InvalidInput; nothing is changed then.
    """
    deal = locked(opportunity_id, version)
    if not may_move(by, deal):
        raise NotAllowed(_("Only the account executive of this deal, or who leads them, can move it."))
    now = timezone.now()
    effective_at = effective_at or now
    _check_place(deal, to_stage)
    _check_time(deal, effective_at, now)
    _check_reason(to_stage, lost_reason)
    criteria = _checked_criteria(deal.stage, to_stage, criteria_met, note)
    return write_step(
        deal,
        to_stage,
        by=by,
        effective_at=effective_at,
        lost_reason=lost_reason,
        note=note,
        criteria_met=criteria,
    )


def write_step(
    deal: Opportunity,
    to_stage: Stage,
    *,
    by: User | None,
    effective_at: datetime,
    lost_reason: LostReason | None = None,
    note: str = "",
    criteria_met: Sequence[dict[str, object]] = (),
    first: bool = False,
) -> StageChange:
    """Sets the stage columns and appends the step; the rules have been checked by the caller.

    `first` writes the step with which a new deal enters its funnel.
    """
    zone = Organisation.current().tzinfo
    step = enter(
        deal, to_stage, by=by, effective_at=effective_at, zone=zone, lost_reason=lost_reason, first=first
    )
    step.note = note
    step.criteria_met = list(criteria_met)
    deal.save()
    step.opportunity = deal
    step.save()
    return step


def enter(
    deal: Opportunity,
    to_stage: Stage,
    *,
    by: User | None,
    effective_at: datetime,
    zone: tzinfo,
    lost_reason: LostReason | None = None,
    first: bool = False,
) -> StageChange:
    """Sets the stage columns of a deal and returns the step for its history, both still unsaved.

    `zone` is the organisation's, by which the step is dated.
    """
    left = None if first else deal.stage
    deal.stage = to_stage
    deal.stage_entered_at = effective_at
    deal.status = to_stage.kind
    effective_on = timezone.localdate(effective_at, zone)
    deal.closed_on = None if to_stage.kind == StageKind.OPEN else effective_on
    deal.lost_reason = lost_reason if to_stage.kind == StageKind.LOST else None
    deal.version += 0 if first else 1
    return StageChange(
        opportunity=deal,
        from_stage=left,
        from_stage_name=left.name if left else "",
        to_stage=to_stage,
        to_stage_name=to_stage.name,
        to_kind=to_stage.kind,
        probability=to_stage.probability,
        expected_days=to_stage.expected_days,
        allowed_silence_days=to_stage.allowed_silence_days,
        amount_minor=deal.amount_minor,
        currency=deal.currency,
        expected_close_on=deal.expected_close_on,
        effective_at=effective_at,
        effective_on=effective_on,
        changed_by=by,
        lost_reason=deal.lost_reason,
    )


def _check_place(deal: Opportunity, to_stage: Stage) -> None:
    if to_stage.funnel_id != deal.funnel_id:
        raise InvalidInput(_("That stage belongs to another funnel."), field="stage")
    if to_stage.pk == deal.stage_id:
        raise InvalidInput(_("The deal already stands in %(stage)s.") % {"stage": to_stage}, field="stage")
    if not to_stage.is_active:
        raise InvalidInput(
            _("%(stage)s is retired. Choose a stage in use.") % {"stage": to_stage}, field="stage"
        )


def _check_time(deal: Opportunity, effective_at: datetime, now: datetime) -> None:
    if effective_at > now:
        raise InvalidInput(_("A move cannot lie in the future."), field="effective_at")
    if effective_at < deal.stage_entered_at:
        raise InvalidInput(_("A move cannot lie before the last one."), field="effective_at")


def _check_reason(to_stage: Stage, reason: LostReason | None) -> None:
    if to_stage.kind == StageKind.LOST and (reason is None or not reason.is_active):
        raise InvalidInput(_("Say why the deal was lost."), code="reason_required", field="lost_reason")


def criteria_asked(left: Stage, to_stage: Stage) -> list[str]:
    """The exit criteria to go through with this move: those of the stage left, when the deal moves on."""
    moves_on = to_stage.position > left.position and to_stage.kind != StageKind.LOST
    return left.criteria if moves_on else []


def _checked_criteria(
    left: Stage, to_stage: Stage, met: Sequence[str] | None, note: str
) -> list[dict[str, object]]:
    """The exit criteria of the stage left with whether each was met; empty where nobody asked."""
    if met is None:
        return []
    asked = [{"text": text, "met": text in met} for text in criteria_asked(left, to_stage)]
    if not note.strip() and not all(criterion["met"] for criterion in asked):
        raise InvalidInput(
            _("Some exit criteria are not met. Say in the note why the deal moves on."),
            code="note_required",
            field="note",
        )
    return asked

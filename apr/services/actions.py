"""Logging, correcting, voiding and confirming actions: the one way in for page, API, mail and import."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from apr.models import Action, ActionCapacity, ActionType, Confirmation
from apr.permissions import may_confirm, may_log_for, may_read_notes, may_void
from apr.services.coaching import write_advice
from audit.models import Kind
from audit.recording import record
from foundation.errors import Conflict, InvalidInput, NotAllowed
from opportunities.models import Capacity, Customer, Opportunity
from partners.models import Partner

# Clocks differ a little; more than this ahead is a typing error.
AHEAD = timedelta(minutes=5)


def guess_capacity(*, actor: User, action_type: ActionType, deal: Opportunity | None) -> ActionCapacity:
    """The hat worn: coach for coaching, else the actor's place on the deal, else their role."""
    if action_type.is_coaching:
        return ActionCapacity.COACH
    if deal is not None:
        places = {
            deal.owner_id: Capacity.ACCOUNT_EXECUTIVE,
            deal.partner_manager_id: Capacity.PARTNER_MANAGER,
        }
        if actor.pk in places:
            return ActionCapacity(places[actor.pk])
    if Role.PARTNER_MANAGER in actor.roles:
        return ActionCapacity.PARTNER_MANAGER
    return ActionCapacity.ACCOUNT_EXECUTIVE


@transaction.atomic
def log_action(
    *,
    by: User,
    actor: User,
    action_type: ActionType,
    occurred_at: datetime,
    deal: Opportunity | None = None,
    partner: Partner | None = None,
    customer: Customer | None = None,
    counterpart: User | None = None,
    capacity: ActionCapacity | None = None,
    duration_minutes: int | None = None,
    notes: str = "",
    advice: str = "",
    source: str = "web",
    external_id: str = "",
    request_key: str | None = None,
) -> Action:
    """Writes down what `actor` did. The same `request_key` from the same person gives the first row again.

    Raises NotAllowed, InvalidInput for a retired type, a time ahead, or an action about nothing, or Conflict
    where the source has sent its `external_id` before.
    """
    if request_key and (known := Action.objects.filter(logged_by=by, request_key=request_key).first()):
        return known
    if not may_log_for(by, actor):
        raise NotAllowed(_("You can log for yourself and for the people you lead."))
    check_action(action_type, actor, occurred_at, counterpart, about=[deal, partner, customer])
    _check_advice(action_type, advice)
    if external_id and Action.objects.filter(external_source=source, external_id=external_id).exists():
        raise Conflict(_("This id of that source is known already."), code="exists", field="external_id")
    action = Action(
        action_type=action_type,
        actor=actor,
        capacity=capacity or guess_capacity(actor=actor, action_type=action_type, deal=deal),
        occurred_at=occurred_at,
        occurred_on=timezone.localdate(occurred_at, actor.tzinfo),
        logged_by=by,
        duration_minutes=duration_minutes,
        opportunity=deal,
        partner=partner,
        customer=customer or (deal.customer if deal else None),
        counterpart=counterpart,
        notes=notes.strip(),
        source=source,
        external_source=source if external_id else "",
        external_id=external_id,
        request_key=request_key or None,
    )
    try:
        with transaction.atomic():
            action.save()
            if advice.strip():
                write_advice(action, advice)
    except IntegrityError:
        # The same form came twice at the same moment: the other one was first.
        known = Action.objects.filter(logged_by=by, request_key=request_key).first() if request_key else None
        if known is None:
            raise
        return known
    return action


@transaction.atomic
def edit_action(
    *,
    action_id: int,
    by: User,
    action_type: ActionType,
    occurred_at: datetime,
    deal: Opportunity | None,
    partner: Partner | None,
    customer: Customer | None,
    counterpart: User | None,
    capacity: ActionCapacity,
    duration_minutes: int | None,
    notes: str,
    advice: str | None = None,
) -> Action:
    """Corrects an action. What the counterpart had confirmed or disputed is asked anew, and another advice
    (None leaves it) has to be acknowledged anew.

    Raises NotAllowed, or InvalidInput as for logging and for a voided action.
    """
    action = _locked(action_id)
    if not may_void(by, action):
        raise NotAllowed(_("Only who did this, or who leads them, can correct it."))
    if action.is_voided:
        raise InvalidInput(_("This action was voided. Log it again instead."), code="voided")
    check_action(action_type, action.actor, occurred_at, counterpart, about=[deal, partner, customer])
    _check_advice(action_type, advice or "")
    _check_private(by, action, action_type, counterpart)
    is_with_another = counterpart != action.counterpart
    action.action_type = action_type
    action.occurred_at = occurred_at
    action.occurred_on = timezone.localdate(occurred_at, action.actor.tzinfo)
    action.opportunity = deal
    action.partner = partner
    action.customer = customer
    action.counterpart = counterpart
    action.capacity = capacity
    action.duration_minutes = duration_minutes
    action.notes = notes.strip()
    action.confirmation = Confirmation.NONE
    action.confirmation_note = ""
    action.confirmed_at = None
    action.save()
    if advice is not None:
        write_advice(action, advice, again=is_with_another)
    return action


@transaction.atomic
def void_action(*, action_id: int, by: User, reason: str = "") -> Action:
    """Takes an action back: it stays on record and counts nothing. A voided one is left as it is."""
    action = _locked(action_id)
    if not may_void(by, action):
        raise NotAllowed(_("Only who did this, or who leads them, can take it back."))
    if not action.is_voided:
        action.voided_at = timezone.now()
        action.voided_by = by
        action.void_reason = reason.strip()
        action.save(update_fields=["voided_at", "voided_by", "void_reason", "updated_at"])
        _record_void(action, "voided", by)
    return action


@transaction.atomic
def restore_action(*, action_id: int, by: User) -> Action:
    """Undoes a void; one that stands is left as it is."""
    action = _locked(action_id)
    if not may_void(by, action):
        raise NotAllowed(_("Only who did this, or who leads them, can bring it back."))
    if action.is_voided:
        action.voided_at = None
        action.voided_by = None
        action.void_reason = ""
        action.save(update_fields=["voided_at", "voided_by", "void_reason", "updated_at"])
        _record_void(action, "restored", by)
    return action


def _record_void(action: Action, act: str, by: User) -> None:
    """What was taken back of whom; notes and reasons stay with the action."""
    facts = {"type": str(action.action_type), "occurred_on": action.occurred_on.isoformat()}
    record(
        Kind.VOID,
        act,
        of=action,
        label=str(action.action_type),
        person=action.actor_id,
        by=by.pk,
        before=facts if act == "voided" else {},
        after=facts if act == "restored" else {},
    )


@transaction.atomic
def answer_action(*, action_id: int, by: User, answer: Confirmation, note: str = "") -> Action:
    """The counterpart confirms or disputes (or, with NONE, takes the answer back).

    A dispute needs a word. Raises NotAllowed for everybody else, InvalidInput for a voided action.
    """
    action = _locked(action_id)
    if not may_confirm(by, action):
        raise NotAllowed(_("Only the colleague with whom this was done can confirm it."))
    if action.is_voided:
        raise InvalidInput(_("This action was voided."), code="voided")
    if answer == Confirmation.DISPUTED and not note.strip():
        raise InvalidInput(_("Say in a word what was different."), field="note")
    action.confirmation = answer
    action.confirmation_note = note.strip()
    action.confirmed_at = None if answer == Confirmation.NONE else timezone.now()
    action.save(update_fields=["confirmation", "confirmation_note", "confirmed_at", "updated_at"])
    return action


@transaction.atomic
def answer_actions(
    *, action_ids: Collection[int], by: User, answer: Confirmation, note: str = ""
) -> list[Action]:
    """The same answer to several actions, with one word; all or none. Raises what `answer_action` does, and
    InvalidInput where there are none."""
    if not action_ids:
        raise InvalidInput(_("Choose the actions that you mean."))
    return [answer_action(action_id=pk, by=by, answer=answer, note=note) for pk in sorted(set(action_ids))]


def _locked(action_id: int) -> Action:
    return (
        Action.objects.select_for_update(of=("self",))
        .select_related("actor", "action_type")
        .get(pk=action_id)
    )


def _check_advice(action_type: ActionType, advice: str) -> None:
    if advice.strip() and not action_type.is_coaching:
        raise InvalidInput(_("Only a coaching session carries advice."), field="advice")


def _check_private(by: User, action: Action, action_type: ActionType, counterpart: User | None) -> None:
    """What was said in coaching is shown to nobody else by somebody who may not read it."""
    is_opened = not action_type.is_coaching or counterpart != action.counterpart
    if is_opened and not may_read_notes(by, action):
        raise InvalidInput(
            _("What was said in it is private: only %(name)s can change its type or with whom it was.")
            % {"name": action.actor},
            field="action_type",
        )


def check_action(
    action_type: ActionType,
    actor: User,
    occurred_at: datetime,
    counterpart: User | None,
    *,
    about: list[Opportunity | Partner | Customer | None] | None,
) -> None:
    """What has to hold of every action, whichever door brings it; raises InvalidInput with the field.

    `about` is None for what another system recorded, which does not always say what it was about.
    """
    if not action_type.is_active:
        raise InvalidInput(
            _("%(type)s is retired. Choose another type.") % {"type": action_type}, field="action_type"
        )
    if occurred_at > timezone.now() + AHEAD:
        raise InvalidInput(_("Log it once it has happened."), field="occurred_at")
    if counterpart == actor:
        raise InvalidInput(_("Choose a colleague, not the person who did it."), field="counterpart")
    if action_type.is_coaching and counterpart is None:
        raise InvalidInput(_("Say who was coached."), field="counterpart")
    if not action_type.is_coaching and about is not None and not any(about):
        raise InvalidInput(_("Say which deal, partner or customer it was about."), field="opportunity")

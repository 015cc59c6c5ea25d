"""Advice of a coaching session: given by the coach, acknowledged by who was coached."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from apr.models import Action, CoachingAdvice
from apr.permissions import may_acknowledge
from foundation.errors import InvalidInput, NotAllowed


def write_advice(action: Action, text: str, *, again: bool = False) -> None:
    """Puts the advice beside its action; another text, or `again`, asks for another acknowledgement. An empty
    text takes the advice away. Rights were checked by the caller."""
    known = CoachingAdvice.objects.filter(action=action).first()
    text = text.strip()
    if not text:
        if known is not None:
            known.delete()
        return
    if known is None:
        CoachingAdvice.objects.create(action=action, text=text)
    elif again or known.text != text:
        known.text, known.acknowledged_at, known.word = text, None, ""
        known.save()


@transaction.atomic
def acknowledge_advice(*, action_id: int, by: User, word: str = "") -> CoachingAdvice:
    """Who was coached says that they have read the advice, with a word or without. A second time only the
    word changes. Raises NotAllowed, or InvalidInput where there is no advice or the action was voided."""
    action = Action.objects.select_for_update(of=("self",)).get(pk=action_id)
    if not may_acknowledge(by, action):
        raise NotAllowed(_("Only the colleague who was coached can acknowledge the advice."))
    if action.is_voided:
        raise InvalidInput(_("This action was voided."), code="voided")
    advice = CoachingAdvice.objects.filter(action=action).first()
    if advice is None:
        raise InvalidInput(_("There is no advice to acknowledge."), code="no_advice")
    advice.acknowledged_at = advice.acknowledged_at or timezone.now()
    advice.word = word.strip()
    advice.save(update_fields=["acknowledged_at", "word", "updated_at"])
    return advice

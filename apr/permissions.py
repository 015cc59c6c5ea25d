"""What a person may do with actions and scores: one predicate per act."""

from accounts.models import User
from accounts.permissions import may_act_for
from apr.models import Action, ActionCategory


def may_log_for(user: User, actor: User) -> bool:
    """Whether `user` may log an action of `actor`: their own, and on record those of the people they lead."""
    return may_act_for(user, actor)


def may_void(user: User, action: Action) -> bool:
    """Whether `user` may take an action back or correct it: the actor, and who leads them."""
    return may_act_for(user, action.actor)


def may_confirm(user: User, action: Action) -> bool:
    """Whether `user` may confirm or dispute: only the counterpart, so nobody confirms their own."""
    return user.is_active and action.counterpart_id == user.pk and action.actor_id != user.pk


def may_acknowledge(user: User, action: Action) -> bool:
    """Whether `user` may acknowledge the advice of a coaching session: only who was coached."""
    is_coaching = action.action_type.category == ActionCategory.COACHING
    return user.is_active and is_coaching and action.counterpart_id == user.pk


def may_read_notes(user: User, action: Action) -> bool:
    """Whether `user` may read what was written about it: of coaching, only the two who were there."""
    private = action.action_type.category == ActionCategory.COACHING
    return not private or user.pk in (action.actor_id, action.counterpart_id)

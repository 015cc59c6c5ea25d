"""Actions that one press logs: those likely on a deal, each with what it is worth."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.models import User
from apr.models import Action, ActionType
from apr.phrases import phrase, said_with_deal
from opportunities.models import Opportunity

# Keys of action types, the likeliest first; types that an administrator retired are passed over.
AS_PARTNER_MANAGER = ["call_to", "coaching_session", "joint_deal_review", "email"]
AS_ACCOUNT_EXECUTIVE = ["call_to", "face_to_face", "email", "joint_deal_review"]


REPEATS = 3


@dataclass(frozen=True)
class Repeat:
    """A button that logs the same as before."""

    action: Action
    words: str
    request_key: str


def repeats(actions: Iterable[Action], most: int = REPEATS) -> list[Repeat]:
    """The likeliest repeats among the last actions (newest first): the most frequent, then the newest."""
    seen: dict[tuple[int | None, ...], tuple[int, Action]] = {}
    for action in actions:
        about = (action.opportunity_id, action.partner_id, action.customer_id, action.counterpart_id)
        count, newest = seen.get((action.action_type_id, *about), (0, action))
        seen[(action.action_type_id, *about)] = (count + 1, newest)
    usable = (entry for entry in seen.values() if entry[1].action_type.is_active)
    ranked = sorted(usable, key=lambda entry: -entry[0])
    return [Repeat(action, said_with_deal(action), new_key()) for _count, action in ranked[:most]]


@dataclass(frozen=True)
class Shortcut:
    """A button: the action it logs, in words, and its points."""

    action_type: ActionType
    words: str
    points: int
    deal: Opportunity
    counterpart: User | None
    request_key: str


def shortcuts(
    deal: Opportunity, user: User, types: Sequence[ActionType], points: Mapping[int, int]
) -> list[Shortcut]:
    """What the reader will likely have done on a deal. A second press of the same logs nothing more."""
    as_owner = deal.owner_id == user.pk
    colleague = deal.partner_manager if as_owner else deal.owner
    found = []
    for kind in _likely(types, AS_ACCOUNT_EXECUTIVE if as_owner else AS_PARTNER_MANAGER):
        is_joint = not as_owner or kind.is_coaching or kind.key == "joint_deal_review"
        counterpart = colleague if is_joint else None
        if kind.is_coaching and counterpart is None:
            continue
        words = phrase(kind, counterpart, None, None if counterpart else deal.customer, deal)
        found.append(Shortcut(kind, words, points.get(kind.pk, 0), deal, counterpart, new_key()))
    return found


def _likely(types: Sequence[ActionType], keys: Sequence[str]) -> list[ActionType]:
    by_key = {kind.key: kind for kind in types if kind.is_active}
    return [by_key[key] for key in keys if key in by_key] or list(by_key.values())[: len(keys)]


def new_key() -> str:
    """A key under which one form logs one action, however often it is sent."""
    return uuid.uuid4().hex

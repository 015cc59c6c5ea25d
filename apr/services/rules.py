"""Action types and what they are worth from a day on. The past never changes."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from apr.models import ActionType, PointRule
from foundation.dated import check_day
from foundation.errors import InvalidInput


@transaction.atomic
def add_action_type(*, action_type: ActionType, points: int, by: User) -> ActionType:
    """A new kind of action behind the others, worth `points` from today on."""
    taken = set(ActionType.objects.values_list("key", flat=True))
    base = slugify(action_type.name).replace("-", "_")[:34] or "action"
    action_type.key = next(key for key in _numbered(base) if key not in taken)
    action_type.position = ActionType.objects.count() + 1
    action_type.save()
    PointRule.objects.create(
        action_type=action_type, points=points, effective_from=Organisation.current().today(), created_by=by
    )
    return action_type


def _numbered(base: str) -> "list[str]":
    return [base, *(f"{base}_{number}" for number in range(2, 1000))]


@transaction.atomic
def plan_rule(
    *, action_type: ActionType, points: int, daily_cap: int | None, effective_from: date, by: User
) -> PointRule:
    """A rule from a day on, today at the earliest; a planned one of the same day is replaced.

    Raises InvalidInput for an earlier day: what people earned by then stays as it is.
    """
    today = Organisation.current().today()
    if effective_from < today:
        raise InvalidInput(
            _("A rule starts today or later: points that were earned stay."), field="effective_from"
        )
    check_day(effective_from, "effective_from")
    ActionType.objects.select_for_update().get(pk=action_type.pk)
    rule, _made = PointRule.objects.update_or_create(
        action_type=action_type,
        effective_from=effective_from,
        defaults={"points": points, "daily_cap": daily_cap, "created_by": by},
    )
    return rule


@transaction.atomic
def withdraw_rule(*, rule: PointRule) -> None:
    """Takes back a rule that has not begun; one in force stays (InvalidInput)."""
    if rule.effective_from <= Organisation.current().today():
        raise InvalidInput(_("This rule has begun and stays. Plan a new one from a later day."))
    rule.delete()


@transaction.atomic
def save_action_types(*, action_types: Sequence[ActionType]) -> None:
    """Saves changed action types in the order given, and numbers them in it."""
    for position, action_type in enumerate(action_types, 1):
        action_type.position = position
        action_type.save()

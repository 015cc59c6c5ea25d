"""Clearing obstacles, and logging the call that cleared them."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from apr.models import Action, ActionType
from apr.services.actions import log_action
from foundation.errors import InvalidInput
from opportunities.models import Obstacle
from opportunities.services.work import clear_obstacle
from partners.models import Partner

CLEARED = "obstacle_cleared"  # the key of the action type


def type_for_clearing() -> ActionType | None:
    """The type that is logged, None where an administrator retired it."""
    return ActionType.objects.filter(key=CLEARED, is_active=True).first()


@transaction.atomic
def clear_obstacles(
    *,
    obstacle_ids: Collection[int],
    by: User,
    actor: User,
    partner: Partner | None,
    request_key: str,
    resolution: str = "",
    logged: bool = True,
) -> Action | None:
    """Clears obstacles that one conversation with `partner` solved, with one resolution and, where `logged`,
    one action of `actor` for all of them: on the deal if it is one, else with the partner.

    All or none; the same `request_key` from the same person clears and logs once. Returns the action, None
    where nothing is logged. Raises NotAllowed or InvalidInput.
    """
    if known := Action.objects.filter(logged_by=by, request_key=request_key).first():
        return known
    if not obstacle_ids:
        raise InvalidInput(_("Choose the obstacles that are out of the way."), field="obstacle")
    cleared = [
        clear_obstacle(obstacle_id=pk, by=by, resolution=resolution, cleared_with=partner)
        for pk in sorted(obstacle_ids)
    ]
    kind = type_for_clearing()
    if not logged or kind is None:
        return None
    deals = {row.opportunity for row in cleared}
    return log_action(
        by=by,
        actor=actor,
        action_type=kind,
        occurred_at=timezone.now(),
        deal=deals.pop() if len(deals) == 1 else None,
        partner=partner,
        notes=_notes(cleared, resolution),
        request_key=request_key,
    )


def _notes(cleared: list[Obstacle], resolution: str) -> str:
    """What was solved, each with its deal where there are several; then how."""
    of_one_deal = len({row.opportunity_id for row in cleared}) == 1
    named = [row.description if of_one_deal else f"{row.opportunity}: {row.description}" for row in cleared]
    return "\n".join(filter(None, [*named, resolution.strip()]))

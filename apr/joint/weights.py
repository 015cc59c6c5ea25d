"""How much each component weighs in its side."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may_configure
from apr.joint.figures import Key
from apr.models import JointWeight
from foundation.errors import InvalidInput, NotAllowed

HIGHEST = 100


def weights() -> dict[Key, int]:
    """The weight of every component: 1 where the organisation has not set another. One query."""
    chosen = dict(JointWeight.objects.values_list("component", "weight"))
    return {key: chosen.get(key, 1) for key in Key}


@transaction.atomic
def set_weights(*, by: User, **chosen: int) -> None:
    """Sets weights by component, whole numbers from 0 (left out) to 100. Raises NotAllowed or InvalidInput;
    another name is a TypeError."""
    if not may_configure(by):
        raise NotAllowed(_("Only administrators can change how scorecards are weighed."))
    if unknown := set(chosen) - set(Key):
        raise TypeError(f"no component of the joint scorecard: {', '.join(sorted(unknown))}")
    standing = weights()
    for key, weight in chosen.items():
        if not 0 <= weight <= HIGHEST:
            raise InvalidInput(_("Write a whole number from 0 to 100."), field=key)
        if weight != standing[Key(key)]:
            JointWeight.objects.update_or_create(component=key, defaults={"weight": weight})

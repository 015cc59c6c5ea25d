"""What pages say about the organisation before anybody has signed in."""

from datetime import date, timedelta
from decimal import Decimal

from django import template
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils import timezone

from accounts.models import Organisation, Role, RoleGrant, User
from foundation.dated import DatedRow

register = template.Library()


@register.simple_tag
def organisation_name() -> str:
    """The name of the organisation that this installation serves."""
    return Organisation.current().name


@register.simple_tag
def whom_to_ask() -> str:
    """The administrator who can invite people: the first by name, or nothing while there is none."""
    grants = RoleGrant.objects.on(timezone.localdate()).filter(role=Role.ADMIN, user__is_active=True)
    return grants.values_list("user__name", flat=True).order_by("user__name").first() or ""


@register.simple_tag
def nobody_can_sign_in() -> bool:
    """Whether this is a fresh installation: nobody has a password yet."""
    usable = User.objects.active().exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return not usable.exists()


@register.filter
def plain(value: Decimal) -> str:
    """All digits of a rate and no more: 0.9234, 100."""
    return f"{value.normalize():f}"


@register.filter
def last_day(row: DatedRow) -> date | None:
    """The last day on which a dated row holds, as people say it; nothing while it lasts."""
    return row.ends_on - timedelta(days=1) if row.ends_on else None

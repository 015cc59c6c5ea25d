"""What pages say about the organisation before anybody has signed in."""

from django import template
from django.utils import timezone

from accounts.models import Organisation, Role, RoleGrant

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

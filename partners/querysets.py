"""Who may see which partner."""

from collections.abc import Callable
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Membership, Organisation, User
from foundation.dated import DatedQuerySet, Row

# Apps above add conditions under which a partner is seen (deals, for one): partners need not know them.
also_seen_through: list[Callable[[User], Q]] = []

# Apps above add figures by which partners can be sorted: by key, what gives each partner's value (None where
# there is none) as the user sees it.
Sorter = Callable[[list[int], User], dict[int, Any]]
sorted_by: dict[str, Sorter] = {}


class PartnerQuerySet(models.QuerySet[Row]):
    """Partners."""

    def active(self) -> Self:
        """Partners with whom we still work."""
        return self.exclude(lifecycle="ended")

    def visible_to(self, user: User) -> Self:
        """Partners one manages or managed, those of the people one leads, and those on deals one sees.

        Administrators see all, and so does everybody where the organisation opens its pipeline.
        """
        if not user.is_active:
            return self.none()
        if user.is_admin or Organisation.current().pipeline_is_open:
            return self
        management = apps.get_model("partners.PartnerManagement").objects.filter(partner=OuterRef("pk"))
        seen = Q(Exists(management.filter(user=user))) | Q(Exists(management.while_led_by(user)))
        for condition in also_seen_through:
            seen |= condition(user)
        return self.filter(seen)


class OfPartnerQuerySet(models.QuerySet[Row]):
    """What belongs to a partner: goals, for one."""

    def visible_to(self, user: User) -> Self:
        """Rows of the partners that `user` sees."""
        return self.filter(partner__in=apps.get_model("partners.Partner").objects.visible_to(user))


class PartnerContactQuerySet(OfPartnerQuerySet[Row]):
    """People at partners."""


class PartnerManagementQuerySet(DatedQuerySet[Row]):
    """Who managed which partner when."""

    def while_led_by(self, user: User) -> Self:
        """Management by people during the days on which `user` led them."""
        led = Membership.objects.led_by(user).filter(user=OuterRef("user"))
        return self.filter(Exists(led.sharing_a_day_with_outer("starts_on", "ends_on")))

    def visible_to(self, user: User) -> Self:
        """Management of the partners that `user` sees."""
        return self.filter(partner__in=apps.get_model("partners.Partner").objects.visible_to(user))

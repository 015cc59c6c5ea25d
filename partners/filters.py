"""How partners are filtered; every filter stands in the address."""

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.models import Partner, PartnerContact, PartnerLifecycle, PartnerManagement, PartnerType


class PartnerFilters(filters.FilterSet):
    """By name, kind, state and who looks after them. `partners` are those that the reader sees."""

    q = filters.CharFilter(method="with_words", label=_("Search"))
    type = filters.ChoiceFilter(choices=PartnerType.choices, empty_label=_("Type: all"))
    lifecycle = filters.ChoiceFilter(choices=PartnerLifecycle.choices, empty_label=_("State: all"))
    tier = filters.ChoiceFilter(empty_label=_("Tier: all"))
    manager = filters.ChoiceFilter(method="managed_by", empty_label=_("Manager: all"))

    class Meta:
        model = Partner
        fields: list[str] = []

    def __init__(self, data: Any, *, partners: QuerySet[Partner]) -> None:
        super().__init__(data, queryset=partners)
        tiers = partners.order_by("tier").exclude(tier="").values_list("tier", flat=True).distinct()
        self.filters["tier"].extra["choices"] = [(tier, tier) for tier in tiers]
        running = PartnerManagement.objects.filter(user=OuterRef("pk"), ends_on__isnull=True)
        named = User.objects.filter(Exists(running)).values_list("pk", "name")
        self.filters["manager"].extra["choices"] = list(named)

    @property
    def is_narrow(self) -> bool:
        """Whether anything narrows the list."""
        return any(self.form.cleaned_data.values()) if self.form.is_valid() else True

    def with_words(self, partners: Any, _name: str, text: str) -> Any:
        """Partners that have every word in their name, their region or a contact's name."""
        for word in text.split():
            contact = PartnerContact.objects.filter(partner=OuterRef("pk"), name__icontains=word)
            partners = partners.filter(
                Q(name__icontains=word) | Q(region__icontains=word) | Q(Exists(contact))
            )
        return partners

    def managed_by(self, partners: Any, _name: str, pk: str) -> Any:
        """Partners that somebody looks after now."""
        mine = PartnerManagement.objects.filter(partner=OuterRef("pk"), user=int(pk), ends_on__isnull=True)
        return partners.filter(Exists(mine))

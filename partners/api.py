"""Partners and the people there in the API."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from rest_framework import serializers

from foundation.api.filters import InstantFilter, RowFilters, lookups
from foundation.api.serializers import PlainSerializer
from foundation.api.views import PlainCollection, allow
from partners.models import Partner, PartnerContact, PartnerManagement
from partners.permissions import may_add_partner, may_edit_partner
from partners.services import enter_partner


class PartnerSerializer(PlainSerializer[Partner]):
    managers = serializers.SerializerMethodField(help_text="Who looks after the partner today.")

    class Meta:
        model = Partner
        fields = [
            "id",
            "name",
            "type",
            "tier",
            "lifecycle",
            "region",
            "website",
            "notes",
            "managers",
            "external_source",
            "external_id",
            "created_at",
        ]
        read_only_fields = ["created_at"]

    def get_managers(self, partner: Partner) -> list[str]:
        """Their ids."""
        return [str(row.user_id) for row in partner.managements.all()]


class PartnerFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = Partner
        fields = lookups(
            Partner,
            "name",
            "type",
            "tier",
            "lifecycle",
            "region",
            "external_source",
            "external_id",
            "created_at",
        )


class Partners(PlainCollection[Partner]):
    """Partners. Who enters one looks after it from that day on; not so administrators."""

    queryset = Partner.objects.all()
    serializer_class = PartnerSerializer
    filterset_class = PartnerFilters

    def get_queryset(self) -> QuerySet[Partner]:
        """With who looks after them today."""
        today = PartnerManagement.objects.on(timezone.localdate())
        return super().get_queryset().prefetch_related(Prefetch("managements", queryset=today))

    def save(self, serializer: serializers.BaseSerializer[Partner]) -> Partner:
        """Writes the partner; a new one begins in the care of who entered it."""
        by = self.person
        if serializer.instance is not None:
            allow(may_edit_partner(by, serializer.instance))
            return serializer.save()
        allow(may_add_partner(by))
        return enter_partner(partner=Partner(**serializer.validated_data), by=by)


class ContactSerializer(PlainSerializer[PartnerContact]):
    class Meta:
        model = PartnerContact
        fields = ["id", "partner", "name", "email", "phone", "title", "is_active"]


class ContactFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = PartnerContact
        fields = lookups(PartnerContact, "partner", "name", "email", "phone", "title", "is_active")


class PartnerContacts(PlainCollection[PartnerContact]):
    """People at partners; retired by `is_active`."""

    queryset = PartnerContact.objects.all()
    serializer_class = ContactSerializer
    filterset_class = ContactFilters

    def save(self, serializer: serializers.BaseSerializer[PartnerContact]) -> PartnerContact:
        """Writes the contact; those who may change both the partner it leaves and the one it joins."""
        values: dict[str, Any] = serializer.validated_data
        touched = [values.get("partner"), serializer.instance and serializer.instance.partner]
        for partner in filter(None, touched):
            allow(may_edit_partner(self.person, partner))
        return serializer.save()

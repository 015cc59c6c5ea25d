"""Partners in Django's admin."""

from django.contrib import admin

from foundation.kept import KeptAdmin, ReadOnlyAdmin
from partners.models import Partner, PartnerContact, PartnerManagement


@admin.register(Partner)
class PartnerAdmin(KeptAdmin):
    list_display = ["name", "type", "tier", "lifecycle", "region"]
    list_filter = ["type", "lifecycle", "region"]
    search_fields = ["name", "external_id"]
    readonly_fields = ["created_at"]


@admin.register(PartnerContact)
class PartnerContactAdmin(KeptAdmin):
    list_display = ["name", "partner", "title", "email", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["partner"]
    search_fields = ["name", "email", "partner__name"]
    autocomplete_fields = ["partner"]


@admin.register(PartnerManagement)
class PartnerManagementAdmin(ReadOnlyAdmin):
    list_display = ["partner", "user", "starts_on", "ends_on"]
    list_select_related = ["partner", "user"]
    search_fields = ["partner__name", "user__name"]
    date_hierarchy = "starts_on"

"""Partners in Django's admin."""

from django.contrib import admin

from foundation.kept import KeptAdmin, ReadOnlyAdmin
from partners.models import GoalProgress, GoalVersion, Partner, PartnerContact, PartnerGoal, PartnerManagement


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


@admin.register(PartnerGoal)
class PartnerGoalAdmin(ReadOnlyAdmin):
    list_display = ["text", "partner", "side", "metric", "target", "due_on", "retired_at"]
    list_filter = ["side", "metric"]
    list_select_related = ["partner"]
    search_fields = ["text", "partner__name"]


@admin.register(GoalVersion)
class GoalVersionAdmin(ReadOnlyAdmin):
    list_display = ["text", "goal", "target", "due_on", "set_by", "set_at"]
    list_select_related = ["goal", "set_by"]
    search_fields = ["text"]


@admin.register(GoalProgress)
class GoalProgressAdmin(ReadOnlyAdmin):
    list_display = ["goal", "on", "value", "entered_by"]
    list_select_related = ["goal", "entered_by"]
    search_fields = ["goal__text", "note"]

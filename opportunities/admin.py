"""Deals in Django's admin: plain facts can be mended, history and what services own can only be read."""

from django.contrib import admin

from foundation.kept import KeptAdmin, ReadOnlyAdmin
from opportunities.models import (
    Assignment,
    Commitment,
    Customer,
    Funnel,
    HandOver,
    LostReason,
    Obstacle,
    ObstacleKind,
    Opportunity,
    PartnerInvolvement,
    Stage,
    StageChange,
)


@admin.register(Customer)
class CustomerAdmin(KeptAdmin):
    list_display = ["name", "industry", "region"]
    list_filter = ["industry"]
    search_fields = ["name", "external_id"]
    readonly_fields = ["created_at"]


@admin.register(Funnel)
class FunnelAdmin(KeptAdmin):
    list_display = ["name", "is_default", "is_active"]
    readonly_fields = ["is_default", "is_active"]
    search_fields = ["name"]


@admin.register(Stage)
class StageAdmin(KeptAdmin):
    list_display = ["name", "funnel", "position", "kind", "probability", "expected_days", "is_active"]
    list_filter = ["funnel", "kind", "is_active"]
    list_select_related = ["funnel"]
    search_fields = ["name"]
    readonly_fields = ["funnel", "position", "kind", "is_active"]


@admin.register(LostReason)
class LostReasonAdmin(KeptAdmin):
    list_display = ["name", "position", "is_active"]
    search_fields = ["name"]


@admin.register(ObstacleKind)
class ObstacleKindAdmin(KeptAdmin):
    list_display = ["name", "is_active"]
    search_fields = ["name"]


@admin.register(Opportunity)
class OpportunityAdmin(ReadOnlyAdmin):
    list_display = ["name", "customer", "stage", "status", "owner", "partner_manager", "expected_close_on"]
    list_filter = ["status", "funnel", "stage"]
    list_select_related = ["customer", "stage", "owner", "partner_manager"]
    search_fields = ["name", "customer__name", "external_id"]
    date_hierarchy = "opened_on"


@admin.register(PartnerInvolvement)
class PartnerInvolvementAdmin(ReadOnlyAdmin):
    list_display = ["opportunity", "partner", "kind"]
    list_filter = ["kind"]
    list_select_related = ["opportunity", "partner"]
    search_fields = ["opportunity__name", "partner__name"]


@admin.register(StageChange)
class StageChangeAdmin(ReadOnlyAdmin):
    list_display = ["opportunity", "from_stage_name", "to_stage_name", "effective_at", "changed_by"]
    list_filter = ["to_kind"]
    list_select_related = ["opportunity", "changed_by"]
    search_fields = ["opportunity__name"]
    date_hierarchy = "effective_on"


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ["opportunity", "user", "capacity", "starts_at", "ends_at", "assigned_by"]
    list_filter = ["capacity"]
    list_select_related = ["opportunity", "user", "assigned_by"]
    search_fields = ["opportunity__name", "user__name"]


@admin.register(HandOver)
class HandOverAdmin(ReadOnlyAdmin):
    list_display = ["opportunity", "offered_by", "offered_to", "partner", "due_on", "outcome"]
    list_filter = ["outcome"]
    list_select_related = ["opportunity", "offered_by", "offered_to", "partner"]
    search_fields = ["opportunity__name", "offered_by__name", "offered_to__name"]
    date_hierarchy = "offered_at"


@admin.register(Obstacle)
class ObstacleAdmin(ReadOnlyAdmin):
    list_display = ["description", "opportunity", "kind", "raised_by", "due_on", "cleared_at"]
    list_filter = ["kind", "needs_partner"]
    list_select_related = ["opportunity", "kind", "raised_by"]
    search_fields = ["description", "opportunity__name"]


@admin.register(Commitment)
class CommitmentAdmin(ReadOnlyAdmin):
    list_display = ["text", "opportunity", "made_by", "made_to", "due_on", "outcome"]
    list_filter = ["outcome"]
    list_select_related = ["opportunity", "made_by", "made_to"]
    search_fields = ["text", "opportunity__name"]

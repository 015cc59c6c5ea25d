"""Actions, rules and targets in Django's admin. Roll-up tables are derived and not shown."""

from django.contrib import admin

from apr.models import Action, ActionType, PointRule, Target
from foundation.kept import KeptAdmin, ReadOnlyAdmin


@admin.register(ActionType)
class ActionTypeAdmin(KeptAdmin):
    list_display = ["name", "key", "category", "position", "is_active"]
    list_filter = ["category", "is_active"]
    search_fields = ["name", "key"]
    readonly_fields = ["key", "position"]


@admin.register(PointRule)
class PointRuleAdmin(ReadOnlyAdmin):
    list_display = ["action_type", "points", "daily_cap", "effective_from", "created_by"]
    list_filter = ["action_type"]
    list_select_related = ["action_type", "created_by"]


@admin.register(Target)
class TargetAdmin(ReadOnlyAdmin):
    list_display = ["metric", "metric_key", "user", "team", "role", "value", "period_kind", "effective_from"]
    list_filter = ["metric", "period_kind", "role"]
    list_select_related = ["user", "team"]
    search_fields = ["why", "user__name", "team__name"]


@admin.register(Action)
class ActionAdmin(ReadOnlyAdmin):
    list_display = [
        "action_type",
        "actor",
        "occurred_on",
        "opportunity",
        "partner",
        "confirmation",
        "voided_at",
    ]
    list_filter = ["action_type", "confirmation", "capacity"]
    list_select_related = ["action_type", "actor", "opportunity"]
    search_fields = ["actor__name", "opportunity__name", "notes"]
    date_hierarchy = "occurred_on"

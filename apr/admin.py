"""Actions, rules and targets in Django's admin. Roll-up tables are derived and not shown; what was
known of a closed period stands on pages of its own, and so do trials, whose halves nobody sees early."""

from django.contrib import admin

from apr.models import (
    Action,
    ActionType,
    Closing,
    CoachingAdvice,
    Digest,
    JointWeight,
    Notification,
    NotificationChoice,
    NudgeRules,
    PointRule,
    Target,
)
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


@admin.register(JointWeight)
class JointWeightAdmin(ReadOnlyAdmin):
    list_display = ["component", "weight"]


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
    search_fields = ["actor__name", "opportunity__name"]
    exclude = ["notes"]  # those of coaching are private
    date_hierarchy = "occurred_on"


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ["person", "kind", "subject", "opened_at", "read_at", "mailed_at", "closed_at"]
    list_filter = ["kind"]
    list_select_related = ["person"]
    exclude = ["facts"]  # what somebody is told is theirs to read
    search_fields = ["person__name", "subject"]
    date_hierarchy = "opened_at"


@admin.register(NotificationChoice)
class NotificationChoiceAdmin(ReadOnlyAdmin):
    list_display = ["person", "digest", "hour", "team_digest"]
    list_filter = ["digest"]
    list_select_related = ["person"]
    search_fields = ["person__name"]


@admin.register(NudgeRules)
class NudgeRulesAdmin(ReadOnlyAdmin):
    list_display = ["close_days", "silence_days", "ahead_days", "kinds_off"]


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    list_display = ["person", "kind", "day", "week", "written_at", "leaders_from"]
    list_filter = ["kind"]
    list_select_related = ["person"]
    search_fields = ["person__name"]
    date_hierarchy = "written_at"


@admin.register(Closing)
class ClosingAdmin(ReadOnlyAdmin):
    list_display = ["key", "status", "closed_by", "known_at", "reopened_at", "reopened_by", "reopen_reason"]
    list_filter = ["kind", "status"]
    list_select_related = ["closed_by", "reopened_by"]
    search_fields = ["key", "reopen_reason"]


@admin.register(CoachingAdvice)
class CoachingAdviceAdmin(ReadOnlyAdmin):
    """That advice was given and acknowledged; its words are private to the two."""

    list_display = ["action", "acknowledged_at"]
    list_select_related = ["action__action_type"]
    search_fields = ["action__actor__name"]
    exclude = ["text", "word"]

"""The settings under /settings/: each app serves its own pages, this file joins them into one place."""

from django.urls import path

from apr.settings_views import action_types, point_rules
from opportunities import settings_views as deals

app_name = "settings"
urlpatterns = [
    path("funnels/", deals.funnels, name="funnels"),
    path("funnels/new/", deals.funnel_new, name="funnel_new"),
    path("funnels/<int:pk>/", deals.funnel, name="funnel"),
    path("funnels/<int:pk>/edit/", deals.funnel_edit, name="funnel_edit"),
    path("funnels/<int:pk>/stages/new/", deals.stage_new, name="stage_new"),
    path("funnels/<int:pk>/<str:act>/", deals.funnel_act, name="funnel_act"),
    path("stages/<int:pk>/", deals.stage, name="stage"),
    path("stages/<int:pk>/retire/", deals.stage_retire, name="stage_retire"),
    path("stages/<int:pk>/restore/", deals.stage_restore, name="stage_restore"),
    path("action-types/", action_types.action_types, name="action_types"),
    path("action-types/new/", action_types.action_type_new, name="action_type_new"),
    path("action-types/<int:pk>/toggle/", action_types.action_type_toggle, name="action_type_toggle"),
    path("point-rules/", point_rules.point_rules, name="point_rules"),
    path("point-rules/new/", point_rules.point_rule_new, name="point_rule_new"),
    path("point-rules/types/<int:pk>/", point_rules.point_rule_history, name="point_rule_history"),
    path("point-rules/<int:pk>/withdraw/", point_rules.point_rule_withdraw, name="point_rule_withdraw"),
    path("lists/", deals.lists, name="lists"),
    path("lists/<slug:kind>/new/", deals.list_item, name="list_item_new"),
    path("lists/<slug:kind>/<int:pk>/", deals.list_item, name="list_item"),
    path("lists/<slug:kind>/<int:pk>/toggle/", deals.list_item_toggle, name="list_item_toggle"),
]

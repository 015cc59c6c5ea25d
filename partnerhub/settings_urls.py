"""The settings under /settings/: each app serves its own pages, this file joins them into one place."""

from django.urls import path

from accounts.views import audit, organisation, people, privacy, teams
from apr.settings_views import (
    action_types,
    joint_weights,
    nudges,
    periods,
    point_rules,
    targets,
    what_if,
)
from exchange.views import personal
from opportunities import settings_views as deals
from opportunities.views.leaving import leaving
from partnerhub.settings_index import currencies_in_use, first_day_of_data, index

app_name = "settings"
with_first_day = {"first_day": first_day_of_data}  # the calendar reaches back to it
urlpatterns = [
    path("", index, name="index"),
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
    path("point-rules/what-if/", what_if.what_if, name="point_rule_what_if"),
    path("point-rules/new/", point_rules.point_rule_new, name="point_rule_new"),
    path("point-rules/types/<int:pk>/", point_rules.point_rule_history, name="point_rule_history"),
    path("point-rules/<int:pk>/withdraw/", point_rules.point_rule_withdraw, name="point_rule_withdraw"),
    path("targets/", targets.targets, name="targets"),
    path("targets/new/", targets.target_new, name="target_new"),
    path("targets/preview/", targets.target_preview, name="target_preview"),
    path("targets/<int:pk>/withdraw/", targets.target_withdraw, name="target_withdraw"),
    path("periods/", periods.periods, name="periods"),
    path("periods/close/", periods.period_close, name="period_close"),
    path("periods/<int:pk>/reopen/", periods.period_reopen, name="period_reopen"),
    path("joint-scorecard/", joint_weights.joint_weights, name="joint_weights"),
    path("teams/", teams.teams_page, name="teams"),
    path("teams/new/", teams.team_form, name="team_new"),
    path("teams/<int:pk>/", teams.team_page, name="team"),
    path("teams/<int:pk>/edit/", teams.team_form, name="team_edit"),
    path("teams/<int:pk>/join/", teams.team_join, name="team_join"),
    path("teams/<int:pk>/toggle/", teams.team_toggle, name="team_toggle"),
    path("people/", people.people_page, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/<int:pk>/", people.person_page, name="person"),
    path("people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:pk>/roles/", people.person_roles, name="person_roles"),
    path("people/<int:pk>/team/", people.person_team, name="person_team"),
    path("people/<int:pk>/invite/", people.person_invite, name="person_invite"),
    path("people/<int:pk>/withdraw/", people.person_withdraw, name="person_withdraw"),
    path("people/<int:pk>/leave/", leaving, name="person_leave"),
    path("people/<int:pk>/data/", personal.data_of, name="person_data"),
    path("people/<int:pk>/anonymise/", privacy.anonymising, name="person_anonymise"),
    path("people/<int:pk>/return/", people.person_return, name="person_return"),
    path("organisation/", organisation.organisation, name="organisation"),
    path("nudges/", nudges.nudges, name="nudges"),
    path("calendar/", organisation.calendar, with_first_day, name="calendar"),
    path("calendar/country/", organisation.calendar_country, with_first_day, name="calendar_country"),
    path("calendar/regions/", organisation.calendar_regions, name="calendar_regions"),
    path("calendar/days/new/", organisation.own_day_new, name="own_day_new"),
    path("calendar/days/<int:pk>/remove/", organisation.own_day_remove, name="own_day_remove"),
    path("currencies/", organisation.currencies, {"in_use": currencies_in_use}, name="currencies"),
    path("currencies/new/", organisation.rate_new, name="rate_new"),
    path("audit/", audit.audit_page, name="audit"),
    path("audit/export/", audit.audit_export, name="audit_export"),
    path("lists/", deals.lists, name="lists"),
    path("lists/<slug:kind>/new/", deals.list_item, name="list_item_new"),
    path("lists/<slug:kind>/<int:pk>/", deals.list_item, name="list_item"),
    path("lists/<slug:kind>/<int:pk>/toggle/", deals.list_item_toggle, name="list_item_toggle"),
]

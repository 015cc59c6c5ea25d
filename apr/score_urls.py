"""Scorecards of people and teams, and the rows behind each figure. Included by `apr.urls` under /apr/."""

from django.urls import path

from apr.views import evidence, forecast, known, pairs, score_rows, scores, teams, visits

urlpatterns = [
    path("", scores.me, name="me"),
    path("people/<int:pk>/", scores.person, name="person"),
    path("people/<int:pk>/rows/", score_rows.rows, {"kind": "person"}, name="rows"),
    path("people/<int:pk>/deals/", score_rows.deals, {"kind": "person"}, name="deals"),
    path("people/<int:pk>/visits/", visits.visits, {"kind": "person"}, name="visits"),
    path("people/<int:pk>/known/", known.known, {"kind": "person"}, name="known"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/rows/", score_rows.rows, {"kind": "team"}, name="team_rows"),
    path("teams/<int:pk>/deals/", score_rows.deals, {"kind": "team"}, name="team_deals"),
    path("teams/<int:pk>/visits/", visits.visits, {"kind": "team"}, name="team_visits"),
    path("teams/<int:pk>/known/", known.known, {"kind": "team"}, name="team_known"),
    path("pairs/", pairs.pairs, name="pairs"),
    path("pairs/<int:pm>/<int:ae>/", pairs.pair, name="pair"),
    path("pairs/<int:pm>/<int:ae>/rows/", pairs.rows, name="pair_rows"),
    path("pairs/<int:pm>/<int:ae>/known/", pairs.known, name="pair_known"),
    path("organisation/rows/", score_rows.rows, {"kind": "organisation"}, name="organisation_rows"),
    path("organisation/deals/", score_rows.deals, {"kind": "organisation"}, name="organisation_deals"),
    path("evidence/", evidence.evidence, name="evidence"),
    path("evidence/rows/", evidence.evidence_rows, name="evidence_rows"),
    path("organisation/known/", known.known, {"kind": "organisation"}, name="organisation_known"),
    path("evidence/forecast/", forecast.forecast, name="forecast"),
]

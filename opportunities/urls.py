"""Deals, under /opportunities/."""

from django.urls import path

from opportunities.views import detail, lists

app_name = "opportunities"
urlpatterns = [
    path("", lists.opportunity_list, name="list"),
    path("<int:pk>/", detail.detail, name="detail"),
]

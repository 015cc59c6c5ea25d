"""The settings under /settings/: each app serves its own pages, this file joins them into one place."""

from django.urls import path, register_converter

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
    path("lists/", deals.lists, name="lists"),
    path("lists/<slug:kind>/new/", deals.list_item, name="list_item_new"),
    path("lists/<slug:kind>/<int:pk>/", deals.list_item, name="list_item"),
    path("lists/<slug:kind>/<int:pk>/toggle/", deals.list_item_toggle, name="list_item_toggle"),
]

"""Partners, under /partners/."""

from django.urls import path

from partners import goal_views, views

app_name = "partners"
urlpatterns = [
    path("", views.partner_list, name="list"),
    path("new/", views.partner_new, name="new"),
    path("<int:pk>/", views.partner_detail, name="detail"),
    path("<int:pk>/edit/", views.partner_edit, name="edit"),
    path("<int:pk>/contacts/new/", views.contact_new, name="contact_new"),
    path("<int:pk>/managers/new/", views.manager_new, name="manager_new"),
    path("<int:pk>/goals/new/", goal_views.goal_new, name="goal_new"),
    path("goals/<int:pk>/", goal_views.goal, name="goal"),
    path("goals/<int:pk>/edit/", goal_views.goal_edit, name="goal_edit"),
    path("goals/<int:pk>/progress/", goal_views.goal_progress, name="goal_progress"),
    path("goals/<int:pk>/retire/", goal_views.goal_retire, name="goal_retire"),
    path("contacts/<int:pk>/", views.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/toggle/", views.contact_toggle, name="contact_toggle"),
    path("managers/<int:pk>/end/", views.manager_end, name="manager_end"),
]

"""The pages of actions and scores. Included at the root: `/` is the reader's day."""

from django.urls import include, path

from apr.views import (
    actions,
    agenda,
    coaching,
    home,
    log,
    mail_links,
    notifications,
    obstacles,
    promises,
)

app_name = "apr"
urlpatterns = [
    # The day, and what is done on it in one press
    path("", home.home, name="home"),
    path("today/log/", agenda.log_at_once, name="log_at_once"),
    path("today/promises/<int:pk>/kept/", agenda.promise_kept, name="promise_kept"),
    path("today/promises/<int:pk>/date/", agenda.promise_date, name="promise_date"),
    path("today/obstacles/<int:pk>/cleared/", agenda.obstacle_cleared, name="obstacle_cleared"),
    # What stands in the way of deals (that it was cleared is logged), and what was promised on them
    path("opportunities/obstacles/", obstacles.obstacles, name="obstacles"),
    path("opportunities/obstacles/<int:pk>/clear/", obstacles.obstacle_clear, name="obstacle_clear"),
    path("opportunities/promises/", promises.promises, name="promises"),
    # The log
    path("log/", log.log, name="log"),
    path("log/reading/", log.log_reading, name="log_reading"),
    path("log/find/<slug:kind>/", log.find, name="log_find"),
    path("actions/", actions.actions, name="actions"),
    path("actions/waiting/", actions.waiting, name="waiting"),
    path("actions/confirm/", actions.actions_answer, name="actions_answer"),
    path("actions/<int:pk>/coaching/", coaching.session, name="session"),
    path("actions/<int:pk>/acknowledge/", coaching.acknowledge, name="acknowledge"),
    path("actions/<int:pk>/edit/", actions.action_edit, name="action_edit"),
    path("actions/<int:pk>/void/", actions.action_void, name="action_void"),
    path("actions/<int:pk>/undo/", actions.action_undo, name="action_undo"),
    path("actions/<int:pk>/restore/", actions.action_restore, name="action_restore"),
    path("actions/<int:pk>/answer/", actions.action_answer, name="action_answer"),
    path("actions/<int:pk>/dispute/", actions.action_dispute, name="action_dispute"),
    # What one is told
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.notifications_read, name="notifications_read"),
    path("notifications/<int:pk>/read/", notifications.notification_read, name="notification_read"),
    path("notifications/<int:pk>/follow/", notifications.notification_follow, name="notification_follow"),
    path("profile/notifications/", notifications.notification_choices, name="notification_choices"),
    # Links in letters
    path("unsubscribe/<str:token>/", mail_links.unsubscribe, name="unsubscribe"),
    path("answer/<str:token>/", mail_links.answer_by_mail, name="answer_by_mail"),
    # Scorecards
    path("apr/", include("apr.score_urls")),
]

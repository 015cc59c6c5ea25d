"""The pages about oneself. Signing in and its security stand under /accounts/, by allauth."""

from django.urls import path

from accounts.views import profile

app_name = "accounts"
urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("people/<int:pk>/absences/new/", profile.absence_new, name="absence_new"),
    path("absences/<int:pk>/remove/", profile.absence_remove, name="absence_remove"),
    path("invitation/<str:token>/", profile.invitation, name="invitation"),
]

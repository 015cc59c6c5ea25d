"""The site map's root: one include per app."""

from django.contrib import admin
from django.urls import include, path

from partnerhub import errors, health
from partnerhub.appearance import choose_appearance, favicon
from partnerhub.look import look, look_dialog

urlpatterns = [
    path("ready/", health.ready, name="ready"),
    path("health/", health.health, name="health"),
    path("favicon.ico", favicon),
    path("appearance/", choose_appearance, name="appearance"),
    path("look/", look, name="look"),
    path("look/dialog/", look_dialog, name="look-dialog"),
    path("api/", include("partnerhub.api")),
    path("", include("accounts.urls")),
    path("", include("exchange.urls")),
    path("settings/", include("partnerhub.settings_urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

"""The site map's root: one include per app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from partnerhub import errors, health
from partnerhub.appearance import choose_appearance, favicon
from partnerhub.find_page import find_page
from partnerhub.look import look, look_dialog
from partnerhub.security_txt import security_txt

# Django's admin is entered through the same sign-in as everything else, with its second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "PartnerHub"

urlpatterns = [
    path("ready/", health.ready, name="ready"),
    path("health/", health.health, name="health"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path("favicon.ico", favicon),
    path("appearance/", choose_appearance, name="appearance"),
    path("find/", find_page, name="find"),
    path("look/", look, name="look"),
    path("look/dialog/", look_dialog, name="look-dialog"),
    path("api/", include("partnerhub.api")),
    path("", include("accounts.urls")),
    path("", include("apr.urls")),
    path("", include("exchange.urls")),
    path("opportunities/", include("opportunities.urls")),
    path("partners/", include("partners.urls")),
    path("settings/", include("partnerhub.settings_urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

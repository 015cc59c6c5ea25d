"""People, teams and the organisation in Django's admin; what has consequences is done in the settings."""

from allauth.account import admin as _account_admin  # noqa: F401 - registers what is taken out below
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _mfa_admin  # noqa: F401
from allauth.mfa.models import Authenticator
from allauth.socialaccount import admin as _social_admin  # noqa: F401
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions import admin as _sessions_admin  # noqa: F401
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts.mail import OutgoingMail
from accounts.models import (
    Absence,
    ExchangeRate,
    Holiday,
    Invitation,
    Membership,
    Organisation,
    RoleGrant,
    Team,
    User,
)
from foundation.kept import KeptAdmin, ReadOnlyAdmin

# With these one could read or swap other people's keys to their accounts, past every rule and record.
admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession])


@admin.register(User)
class UserAdmin(KeptAdmin):
    list_display = ["name", "email", "is_active", "time_zone", "last_login"]
    list_filter = ["is_active", "role_grants__role"]
    search_fields = ["name", "email", "external_id"]
    exclude = ["password"]
    # The address is the sign-in's too, access has rules: the settings change both.
    readonly_fields = ["email", "is_active", "joined_at", "last_login", "external_source", "external_id"]

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """People are added in the settings, where roles and team are said too."""
        return False


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    list_display = ["user", "role", "starts_on", "ends_on"]
    list_filter = ["role"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email"]
    date_hierarchy = "starts_on"


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["email", "user", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at"]
    list_select_related = ["user", "invited_by"]
    search_fields = ["email", "user__name"]
    exclude = ["token_hash"]


@admin.register(Team)
class TeamAdmin(KeptAdmin):
    list_display = ["name", "kind", "parent", "is_active"]
    list_filter = ["kind", "is_active"]
    list_select_related = ["parent"]
    search_fields = ["name"]
    autocomplete_fields = ["leaders"]
    readonly_fields = ["parent", "is_active"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["user", "team", "starts_on", "ends_on"]
    list_filter = ["team"]
    list_select_related = ["user", "team"]
    search_fields = ["user__name", "team__name"]
    date_hierarchy = "starts_on"


@admin.register(Organisation)
class OrganisationAdmin(KeptAdmin):
    list_display = ["name", "time_zone", "reporting_currency", "holiday_country"]
    readonly_fields = ["holiday_country", "holiday_subdivision"]

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """There is one, and it is there."""
        return False


@admin.register(Holiday)
class HolidayAdmin(ReadOnlyAdmin):
    list_display = ["date", "name", "from_calendar"]
    list_filter = ["from_calendar"]
    search_fields = ["name"]
    date_hierarchy = "date"


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin):
    list_display = ["user", "starts_on", "ends_on"]
    list_select_related = ["user"]
    search_fields = ["user__name"]
    date_hierarchy = "starts_on"


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    list_display = ["currency", "reporting_currency", "rate", "effective_from"]
    list_filter = ["currency"]


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    list_display = ["subject", "recipients", "state", "tries", "created_at", "error"]
    list_filter = ["state"]
    search_fields = ["subject"]
    exclude = ["text", "html"]  # they may hold a link into somebody's account
    actions = ["send_again", "drop"]

    @admin.action(description=_("Send again what failed or was perhaps sent"))
    def send_again(self, request: HttpRequest, queryset: models.QuerySet[OutgoingMail]) -> None:
        """What a person may get twice, only a person decides."""
        done = mail.send_again(list(queryset.values_list("pk", flat=True)))
        messages.success(request, _("%(n)s on their way again.") % {"n": done})

    @admin.action(description=_("Do not send what failed or was perhaps sent"))
    def drop(self, request: HttpRequest, queryset: models.QuerySet[OutgoingMail]) -> None:
        """Nothing asks about these any more."""
        done = mail.drop(list(queryset.values_list("pk", flat=True)))
        messages.success(request, _("%(n)s put to rest.") % {"n": done})

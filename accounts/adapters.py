"""Where PartnerHub differs from allauth: nobody signs up alone; people are invited, or vouched for."""

from contextlib import nullcontext
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.outward import OutwardSession
from accounts.readers import as_read_by
from accounts.session_limits import confirmed_lately
from accounts.sso import check_claims, is_of_us


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth carries no types
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "E-mail and password do not match. Check both, or choose a new password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **_: object) -> bool:
        """For all that allauth asks about; who has just signed in has shown who they are."""
        return not confirmed_lately(self.request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language and by the clock of whom it is for, whoever's browser asked for it."""
        reader = context.get("user")
        with as_read_by(reader) if isinstance(reader, User) else nullcontext():
            super().send_mail(template_prefix, email, context)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **more: Any) -> None:
        """As `send_mail`: these letters name no reader themselves."""
        with as_read_by(user):
            super().send_notification_mail(template_prefix, user, *args, **more)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth carries no types
    """The identity provider vouches for verified addresses of the organisation's domains, and no others."""

    def get_requests_session(self) -> OutwardSession:
        return OutwardSession()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Nobody is linked or made for whom the provider does not vouch; they are told whom to ask."""
        if not sociallogin.is_existing and not self.is_open_for_signup(request, sociallogin):
            raise ImmediateHttpResponse(render(request, "accounts/sso_refused.html", status=403))

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return is_of_us(email)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return any(one.verified and is_of_us(one.email) for one in sociallogin.email_addresses)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """A name as the provider says it, or the beginning of the address; before that, its claims hold."""
        check_claims(sociallogin)
        person: User = super().populate_user(request, sociallogin, data)
        whole = " ".join(str(data.get(part) or "") for part in ("first_name", "last_name")).strip()
        name = str(data.get("name") or "").strip() or whole or (person.email or "").partition("@")[0]
        person.name = name[:150] or "-"
        person.email = person.email or None
        person.time_zone = Organisation.current().time_zone
        return person

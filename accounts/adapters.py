"""Where PartnerHub differs from allauth: nobody signs up alone, people are invited."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.session_limits import confirmed_lately


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


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth carries no types
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

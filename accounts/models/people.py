"""People who sign in (or are only known by name so far), the hats they hold, and how they are invited."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets import UserManager
from audit.models import Kind
from audit.recorded import Recorded
from foundation.dated import DatedQuerySet, DatedRow, DateRange
from foundation.external import ExternallyKnown


class Role(models.TextChoices):
    PARTNER_MANAGER = "partner_manager", _("Partner manager")
    ACCOUNT_EXECUTIVE = "account_executive", _("Account executive")
    LEADER = "leader", _("Leader")
    ADMIN = "admin", _("Administrator")


class Grant(NamedTuple):
    """Days with a role."""

    role: str
    dates: DateRange


def validate_time_zone(name: str) -> None:
    """Refuse a name that the time zone database does not have."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a known time zone."), params={"name": name})


class User(Recorded, AbstractBaseUser, ExternallyKnown):
    """A person. Without an e-mail address they are known by name only and cannot sign in.

    What a person may do follows from their roles; Django's groups and permissions are not used.
    """

    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=150)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    locale = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    anonymised_at = models.DateTimeField(_("made anonymous"), null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    recorded_as = Kind.RIGHTS
    recorded_never = frozenset({"password", "last_login"})
    recorded_without_value = frozenset({"name", "email", "external_id"})
    recorded_person = "id"

    class Meta(ExternallyKnown.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "id"]
        constraints = [
            *ExternallyKnown.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(email__isnull=True) | models.Q(email=Lower("email")),
                name="accounts_user_email_is_lower_case",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="accounts_user_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(anonymised_at__isnull=True)
                | models.Q(is_active=False, email__isnull=True),
                name="accounts_user_anonymous_stays_out",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def recorded_label(self) -> str:
        """Nothing: the number says who it is."""
        return ""

    @property
    def short_name(self) -> str:
        """The first word of the name, as colleagues say it."""
        return self.name.split(" ", 1)[0]

    @property
    def initials(self) -> str:
        """First letters of the first and the last word of the name."""
        words = self.name.split()
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()

    @property
    def tzinfo(self) -> ZoneInfo:
        """The person's own time zone."""
        return ZoneInfo(self.time_zone)

    def today(self) -> date:
        """The date where the person is."""
        return timezone.localdate(timezone=self.tzinfo)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles held today."""
        is_read = "role_grants" in getattr(self, "_prefetched_objects_cache", ())
        return self.roles_by(self.role_grants.all() if is_read else self.role_grants.order_by())

    def roles_by(self, grants: "Iterable[RoleGrant] | Iterable[Grant]") -> frozenset[str]:
        """The roles that all of a person's grants give them today."""
        today = self.today()
        return frozenset(grant.role for grant in grants if grant.dates.contains(today))

    @property
    def is_admin(self) -> bool:
        """Whether the person configures PartnerHub and sees everything."""
        return Role.ADMIN in self.roles

    @property
    def is_leader(self) -> bool:
        """Whether the person leads teams."""
        return Role.LEADER in self.roles

    # Django's admin asks these; one role answers all of them.
    @property
    def is_staff(self) -> bool:
        """Whether Django's admin lets the person in."""
        return self.is_admin

    @property
    def is_superuser(self) -> bool:
        """The same answer for libraries that ask for a superuser."""
        return self.is_admin

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Administrators may do everything in Django's admin, others nothing."""
        return self.is_active and self.is_admin

    def has_module_perms(self, app_label: str) -> bool:
        """Administrators see every part of Django's admin, others none."""
        return self.is_active and self.is_admin


class RoleGrant(Recorded, DatedRow):
    """A role that a person holds from one day to another."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(_("role"), max_length=20, choices=Role)

    recorded_as = Kind.RIGHTS
    recorded_person = "user_id"
    objects = DatedQuerySet.as_manager()

    class Meta(DatedRow.Meta):
        ordering = ["user", "role", "starts_on"]
        constraints = [
            *DatedRow.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="accounts_rolegrant_role_is_known"
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(ends_on__isnull=True),
                name="accounts_rolegrant_one_open_per_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    def recorded_label(self) -> str:
        """The role."""
        return str(self.get_role_display())


class Invitation(Recorded):
    """A letter that lets a person choose a password; only a hash of its secret is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="invitations_sent", null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    recorded_as = Kind.RIGHTS
    recorded_never = frozenset({"token_hash"})
    recorded_without_value = frozenset({"email"})
    recorded_person = "user_id"

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="accounts_invitation_accepted_or_revoked",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.created_at:%Y-%m-%d})"

    def recorded_label(self) -> str:
        """The day on which it was sent."""
        return f"{self.created_at:%Y-%m-%d}"

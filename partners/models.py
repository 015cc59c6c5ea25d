"""Partners, the people there, and who looks after them here."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.changes import Changing
from foundation.dated import DatedRow
from foundation.external import ExternallyKnown
from partners.querysets import PartnerContactQuerySet, PartnerManagementQuerySet, PartnerQuerySet


class PartnerType(models.TextChoices):
    REFERRAL = "referral", _("Referral")
    RESELLER = "reseller", _("Reseller")
    SYSTEM_INTEGRATOR = "system_integrator", _("System integrator")
    TECHNOLOGY_ALLIANCE = "technology_alliance", _("Technology alliance")
    DISTRIBUTOR = "distributor", _("Distributor")
    MANAGED_SERVICE = "managed_service", _("Managed service")


class PartnerLifecycle(models.TextChoices):
    RECRUITED = "recruited", _("Recruited")
    ONBOARDED = "onboarded", _("Onboarded")
    ACTIVATED = "activated", _("Activated")
    PRODUCING = "producing", _("Producing")
    DORMANT = "dormant", _("Dormant")
    ENDED = "ended", _("Ended")


class Partner(Changing, ExternallyKnown):
    """A company that brings, influences or delivers deals."""

    name = models.CharField(_("name"), max_length=160)
    type = models.CharField(_("type"), max_length=20, choices=PartnerType, default=PartnerType.REFERRAL)
    tier = models.CharField(_("tier"), max_length=40, blank=True, default="")
    lifecycle = models.CharField(
        _("lifecycle"), max_length=10, choices=PartnerLifecycle, default=PartnerLifecycle.RECRUITED
    )
    region = models.CharField(_("region"), max_length=80, blank=True, default="")
    website = models.URLField(_("website"), blank=True, default="")
    notes = models.TextField(_("notes"), blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    objects = PartnerQuerySet.as_manager()

    class Meta(ExternallyKnown.Meta):
        ordering = ["name", "id"]
        constraints = [
            *ExternallyKnown.Meta.constraints,
            models.CheckConstraint(condition=~models.Q(name=""), name="partners_partner_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(type__in=PartnerType.values), name="partners_partner_type_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(lifecycle__in=PartnerLifecycle.values),
                name="partners_partner_lifecycle_is_known",
            ),
        ]
        indexes = [models.Index(fields=["name"], name="partners_partner_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The partner's page."""
        return reverse("partners:detail", args=[self.pk])


class PartnerContact(Changing):
    """A person at a partner; retired when they leave, so that history keeps its names."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    title = models.CharField(_("position"), max_length=120, blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)

    objects = PartnerContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class PartnerManagement(DatedRow):
    """The days on which a person looked after a partner; several can share one."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="managements")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="partner_managements")

    objects = PartnerManagementQuerySet.as_manager()

    class Meta(DatedRow.Meta):
        ordering = ["partner", "starts_on"]
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(
                fields=["partner", "user"],
                condition=models.Q(ends_on__isnull=True),
                name="partners_partnermanagement_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.user}"

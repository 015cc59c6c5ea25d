"""Partners, the people there, and who looks after them here."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import Kind
from audit.recorded import Recorded
from foundation.changes import Changing
from foundation.dated import DatedRow
from foundation.external import ExternallyKnown
from foundation.money import Money
from foundation.wording import money_in_full, number
from partners.querysets import (
    OfPartnerQuerySet,
    PartnerContactQuerySet,
    PartnerManagementQuerySet,
    PartnerQuerySet,
)


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


class PartnerManagement(Recorded, DatedRow):
    """The days on which a person looked after a partner; several can share one."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="managements")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="partner_managements")

    recorded_as = Kind.ASSIGNMENT
    recorded_person = "user_id"
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

    def recorded_label(self) -> str:
        """The partner."""
        return str(self.partner)


class GoalSide(models.TextChoices):
    """Who has promised to reach a goal."""

    US = "us", _("Ours")
    PARTNER = "partner", _("Theirs")


class GoalMetric(models.TextChoices):
    """How it is told how far a goal is: counted by the app that knows deals and actions, or entered."""

    SOURCED_WON = "sourced_won_amount", _("Won amount of deals it sourced")
    SOURCED_DEALS = "sourced_deals", _("Deals it sourced")
    ENABLEMENT = "enablement_sessions", _("Enablement sessions")
    BY_HAND = "by_hand", _("Entered by hand")


class GoalTerms(models.Model):
    """What is to be reached by when, and why. `target` is in minor units of `currency` where there is one."""

    text = models.CharField(_("goal"), max_length=200)
    metric = models.CharField(_("measured by"), max_length=20, choices=GoalMetric)
    target = models.BigIntegerField(_("target"))
    currency = models.CharField(max_length=3, blank=True, default="")
    starts_on = models.DateField(_("counts from"))
    due_on = models.DateField(_("due"))
    why = models.CharField(_("why"), max_length=300)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text="") & ~models.Q(why=""),
                name="%(app_label)s_%(class)s_says_what_and_why",
            ),
            models.CheckConstraint(
                condition=models.Q(target__gt=0), name="%(app_label)s_%(class)s_has_a_target"
            ),
            models.CheckConstraint(
                condition=models.Q(due_on__gte=models.F("starts_on")),
                name="%(app_label)s_%(class)s_due_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(metric__in=GoalMetric.values),
                name="%(app_label)s_%(class)s_metric_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(metric="sourced_won_amount") & ~models.Q(currency="")
                | ~models.Q(metric="sourced_won_amount") & models.Q(currency=""),
                name="%(app_label)s_%(class)s_amount_has_a_currency",
            ),
        ]

    @property
    def shown_target(self) -> str:
        """The target as it is read: an amount or a number."""
        return money_in_full(Money(self.target, self.currency)) if self.currency else number(self.target)


class PartnerGoal(Changing, GoalTerms):
    """A goal that one side has, with the terms in force. Retired, never deleted."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="goals")
    side = models.CharField(_("whose"), max_length=7, choices=GoalSide)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retire_reason = models.CharField(max_length=300, blank=True, default="")

    objects = OfPartnerQuerySet.as_manager()

    class Meta(GoalTerms.Meta):
        ordering = ["due_on", "id"]
        constraints = [
            *GoalTerms.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(side__in=GoalSide.values), name="partners_partnergoal_side_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(retired_at__isnull=True) | ~models.Q(retire_reason=""),
                name="partners_partnergoal_retired_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        """The goal's page."""
        return reverse("partners:goal", args=[self.pk])

    @property
    def is_by_hand(self) -> bool:
        """Whether people enter how far it is."""
        return self.metric == GoalMetric.BY_HAND


class GoalVersion(GoalTerms):
    """The terms of a goal as somebody set them; the last ones are in force."""

    goal = models.ForeignKey(PartnerGoal, on_delete=models.PROTECT, related_name="versions")
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta(GoalTerms.Meta):
        ordering = ["goal", "-id"]

    def __str__(self) -> str:
        return self.text


class GoalProgress(models.Model):
    """How far a goal was on a day, as somebody entered it. The entry of the last day holds."""

    goal = models.ForeignKey(PartnerGoal, on_delete=models.PROTECT, related_name="progress")
    on = models.DateField(_("on"))
    value = models.BigIntegerField(_("reached"))
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["goal", "-on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(value__gte=0), name="partners_goalprogress_not_negative"
            )
        ]

    def __str__(self) -> str:
        return f"{self.on}: {self.value}"

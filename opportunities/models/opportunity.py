"""Customers, opportunities and the partners on them."""

from datetime import date

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.changes import Changing
from foundation.external import ExternallyKnown
from foundation.money import Money
from opportunities.querysets import CustomerQuerySet, OpportunityQuerySet, PartnerInvolvementQuerySet
from partners.models import Partner

from .funnels import Funnel, LostReason, Stage, StageKind


class Customer(Changing, ExternallyKnown):
    """A company that buys, or may."""

    name = models.CharField(_("name"), max_length=160)
    industry = models.CharField(_("industry"), max_length=80, blank=True, default="")
    region = models.CharField(_("region"), max_length=80, blank=True, default="")
    website = models.URLField(_("website"), blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    objects = CustomerQuerySet.as_manager()

    class Meta(ExternallyKnown.Meta):
        ordering = ["name", "id"]
        constraints = [
            *ExternallyKnown.Meta.constraints,
            models.CheckConstraint(condition=~models.Q(name=""), name="opportunities_customer_has_a_name"),
        ]
        indexes = [models.Index(fields=["name"], name="opportunities_customer_name")]

    def __str__(self) -> str:
        return self.name


class OpportunityStatus(models.TextChoices):
    OPEN = StageKind.OPEN.value, _("Open")
    WON = StageKind.WON.value, _("Won")
    LOST = StageKind.LOST.value, _("Lost")


class Opportunity(Changing, ExternallyKnown):
    """A deal on its way through a funnel.

    `stage`, `status`, `stage_entered_at`, `closed_on` and `lost_reason` are written by
    `opportunities.services.stages` alone; `owner` and `partner_manager` repeat the open assignments and are
    written by `opportunities.services.people` alone. `version` counts writes, for optimistic locking.
    """

    name = models.CharField(_("name"), max_length=200)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="opportunities",
        null=True,
        blank=True,
        verbose_name=_("customer"),
    )
    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="opportunities")
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("stage")
    )
    status = models.CharField(
        _("status"), max_length=4, choices=OpportunityStatus, default=OpportunityStatus.OPEN
    )
    stage_entered_at = models.DateTimeField(_("in this stage since"))
    amount_minor = models.BigIntegerField(_("amount in minor units"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    expected_close_on = models.DateField(_("expected close"), null=True, blank=True)
    opened_on = models.DateField(_("opened"))
    closed_on = models.DateField(_("closed"), null=True, blank=True)
    lost_reason = models.ForeignKey(
        LostReason, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("lost because")
    )
    owner = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_opportunities",
        verbose_name=_("account executive"),
    )
    partner_manager = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="partnered_opportunities",
        verbose_name=_("partner manager"),
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OpportunityQuerySet.as_manager()

    class Meta(ExternallyKnown.Meta):
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        ordering = ["-id"]
        constraints = [
            *ExternallyKnown.Meta.constraints,
            models.CheckConstraint(condition=~models.Q(name=""), name="opportunities_opportunity_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__isnull=True) | models.Q(amount_minor__gte=0),
                name="opportunities_opportunity_amount_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(status="open", closed_on__isnull=True)
                | models.Q(status__in=["won", "lost"], closed_on__isnull=False),
                name="opportunities_opportunity_closed_has_a_date",
            ),
            models.CheckConstraint(
                condition=models.Q(lost_reason__isnull=True) | models.Q(status="lost"),
                name="opportunities_opportunity_reason_only_if_lost",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "status", "-amount_minor"], name="opportunities_by_owner"),
            models.Index(fields=["partner_manager", "status"], name="opportunities_by_pm"),
            models.Index(fields=["stage", "-amount_minor"], name="opportunities_by_stage"),
            models.Index(fields=["status", "expected_close_on"], name="opportunities_by_close"),
            models.Index(fields=["closed_on"], name="opportunities_by_closed_on"),
            models.Index(fields=["opened_on"], name="opportunities_by_opened_on"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The opportunity's page."""
        return reverse("opportunities:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether the deal is neither won nor lost."""
        return self.status == OpportunityStatus.OPEN

    @property
    def amount(self) -> Money | None:
        """The amount, or None while it is not set."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    def is_overdue(self, today: date) -> bool:
        """Whether the deal should have closed before `today`."""
        return self.is_open and self.expected_close_on is not None and self.expected_close_on < today


class InvolvementKind(models.TextChoices):
    SOURCED = "sourced", _("Sourced")
    INFLUENCED = "influenced", _("Influenced")
    CO_SELL = "co_sell", _("Co-sell")
    RESELL = "resell", _("Resell")
    DELIVERED = "delivered", _("Delivered")


class PartnerInvolvement(models.Model):
    """What a partner does for a deal. At most one partner brought it."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="involvements")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="involvements")
    kind = models.CharField(_("kind"), max_length=10, choices=InvolvementKind)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PartnerInvolvementQuerySet.as_manager()

    class Meta:
        ordering = ["opportunity", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "partner", "kind"], name="opportunities_involvement_once_a_kind"
            ),
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=models.Q(kind="sourced"),
                name="opportunities_involvement_one_sourced",
                violation_error_message=_("Another partner already sourced this deal."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=InvolvementKind.values),
                name="opportunities_involvement_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}, {self.get_kind_display()}"

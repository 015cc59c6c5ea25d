"""Who may see which deal, and the figures of deals as annotations."""

from collections.abc import Callable
from datetime import date
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import BigIntegerField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate

from accounts.models import Membership, Organisation, User
from foundation.dated import Row
from partners.models import Partner

# The app that knows actions adds the condition under which a deal has seen its partner manager on a day or
# later: deals need not know what people do on them.
seen_by_partner_manager_since: list[Callable[[date], Q]] = []


class AssignmentQuerySet(models.QuerySet[Row]):
    """Who was on which deal when."""

    def while_led_by(self, user: User) -> Self:
        """Assignments of people during the days on which `user` led them."""
        led = Membership.objects.led_by(user).filter(user=OuterRef("user"))
        dated = self.annotate(starts_on=TruncDate("starts_at"), ends_on=TruncDate("ends_at"))
        return dated.filter(models.Exists(led.sharing_a_day_with_outer("starts_on", "ends_on")))

    def visible_to(self, user: User) -> Self:
        """Assignments on the deals that `user` sees."""
        return self.filter(opportunity__in=visible_opportunities(user))


def open_by(day: date) -> Q:
    """The condition on open deals that they were open on `day` and have not been closed since."""
    steps = apps.get_model("opportunities.StageChange").objects.filter(opportunity=OuterRef("pk"))
    reopened_by_then = Exists(_steps_of_this_opening().filter(effective_on__lte=day))
    return Q(opened_on__lte=day) & (~Exists(steps.exclude(to_kind="open")) | reopened_by_then)


def _steps_of_this_opening() -> "models.QuerySet[Any]":
    """The steps of a deal since it was opened, or re-opened: those that no closing follows."""
    steps = apps.get_model("opportunities.StageChange").objects
    later = Q(effective_at__gt=OuterRef("effective_at")) | Q(
        effective_at=OuterRef("effective_at"), id__gt=OuterRef("id")
    )
    closings = steps.filter(later, opportunity=OuterRef("opportunity")).exclude(to_kind="open")
    found: models.QuerySet[Any] = steps.filter(~Exists(closings), opportunity=OuterRef("pk"), to_kind="open")
    return found


class OpportunityQuerySet(models.QuerySet[Row]):
    """Deals."""

    def visible_to(self, user: User) -> Self:
        """Deals one is or was assigned to or was offered, and those of the people one leads, for the days one
        led them.

        Administrators see all, and so does everybody where the organisation opens its pipeline.
        """
        if not user.is_active:
            return self.none()
        if user.is_admin or Organisation.current().pipeline_is_open:
            return self
        assigned = apps.get_model("opportunities.Assignment").objects.filter(opportunity=OuterRef("pk"))
        offered = (
            apps.get_model("opportunities.HandOver").objects.standing().filter(opportunity=OuterRef("pk"))
        )
        return self.filter(
            Q(models.Exists(assigned.filter(user=user)))
            | Q(models.Exists(assigned.while_led_by(user)))
            | Q(models.Exists(offered.filter(offered_to=user)))
            | Q(models.Exists(offered.while_led_by(user)))
        )

    def open(self) -> Self:
        """Deals neither won nor lost."""
        return self.filter(status="open")

    def won(self) -> Self:
        """Deals won."""
        return self.filter(status="won")

    def lost(self) -> Self:
        """Deals lost."""
        return self.filter(status="lost")

    def closed_in(self, start: date, end: date) -> Self:
        """Deals closed on a day of [start, end)."""
        return self.filter(closed_on__gte=start, closed_on__lt=end)

    def with_weighted(self) -> Self:
        """Adds `weighted_minor`: amount × probability of the stage, in minor units, rounded down."""
        return self.annotate(
            weighted_minor=ExpressionWrapper(
                Coalesce(F("amount_minor"), 0) * F("stage__probability") / 100, output_field=BigIntegerField()
            )
        )

    def with_visit(self) -> Self:
        """Adds `expected_days`: those that the stage had when the deal came into it, and that hold for it."""
        steps = apps.get_model("opportunities.StageChange").objects.filter(opportunity=OuterRef("pk"))
        latest = steps.order_by("-effective_at", "-id").values("expected_days")
        return self.annotate(expected_days=Subquery(latest[:1]))

    def with_open_since(self) -> Self:
        """Adds `open_since`: when an open deal was opened, or re-opened; null once it is closed."""
        first = _steps_of_this_opening().order_by("effective_at", "id").values("effective_on")
        return self.annotate(open_since=Subquery(first[:1]))

    def with_partner(self) -> Self:
        """Adds `partner_name` and `partner_kind` of one partner: who sourced it, else the first."""
        involved = (
            apps.get_model("opportunities.PartnerInvolvement")
            .objects.filter(opportunity=OuterRef("pk"))
            .order_by(models.Case(models.When(kind="sourced", then=0), default=1), "id")
        )
        return self.annotate(
            partner_name=Subquery(involved.values("partner__name")[:1]),
            partner_kind=Subquery(involved.values("kind")[:1]),
        )

    def with_next_step(self) -> Self:
        """Adds `next_step_text` and `next_step_due_on`: the owner's nearest open promise on the deal."""
        nearest = (
            apps.get_model("opportunities.Commitment")
            .objects.filter(opportunity=OuterRef("pk"), made_by=OuterRef("owner"), outcome="open")
            .order_by("due_on", "id")
        )
        return self.annotate(
            next_step_text=Subquery(nearest.values("text")[:1]),
            next_step_due_on=Subquery(nearest.values("due_on")[:1]),
        )


def visible_opportunities(user: User) -> models.QuerySet[Any]:
    """The deals that `user` sees, for rows that hang on a deal."""
    deals: models.QuerySet[Any] = apps.get_model("opportunities.Opportunity").objects.visible_to(user)
    return deals


def partners_on_visible_deals(user: User) -> Q:
    """The condition under which a partner is seen because of a deal."""
    involved = apps.get_model("opportunities.PartnerInvolvement").objects.filter(partner=OuterRef("pk"))
    return Q(models.Exists(involved.visible_to(user)))


class CustomerQuerySet(models.QuerySet[Row]):
    """Customers."""

    def visible_to(self, user: User) -> Self:
        """Customers' names are no secret inside the organisation; their deals are."""
        return self if user.is_active else self.none()


class PartnerInvolvementQuerySet(models.QuerySet[Row]):
    """Partners on deals."""

    def visible_to(self, user: User) -> Self:
        """Involvement in the deals that `user` sees."""
        return self.filter(opportunity__in=visible_opportunities(user))


class StageChangeQuerySet(models.QuerySet[Row]):
    """Steps of deals."""

    def visible_to(self, user: User) -> Self:
        """Steps of the deals that `user` sees."""
        return self.filter(opportunity__in=visible_opportunities(user))


class ObstacleQuerySet(models.QuerySet[Row]):
    """Obstacles on deals."""

    def visible_to(self, user: User) -> Self:
        """Obstacles of the deals that `user` sees."""
        return self.filter(opportunity__in=visible_opportunities(user))

    def open(self) -> Self:
        """Obstacles that nobody has cleared yet."""
        return self.filter(cleared_at__isnull=True)

    def waiting_for(self, user: User) -> Self:
        """Open ones on open deals that `user` was asked to clear; unassigned ones: the partner manager those
        that need the partner, the account executive the others."""
        as_pm = Q(opportunity__partner_manager=user, needs_partner=True)
        as_owner = Q(opportunity__owner=user, needs_partner=False)
        mine = Q(assigned_to=user) | (Q(assigned_to__isnull=True) & (as_pm | as_owner))
        return self.open().filter(mine, opportunity__status="open")

    def with_partner_to_ask(self) -> Self:
        """Adds `asks_partner_id` for those that need the partner: the one named, else the one that sourced
        the deal, else the first on it."""
        involved = (
            apps.get_model("opportunities.PartnerInvolvement")
            .objects.filter(opportunity=OuterRef("opportunity"))
            .order_by(models.Case(models.When(kind="sourced", then=0), default=1), "id")
        )
        asked = Coalesce(
            F("partner_id"), Subquery(involved.values("partner_id")[:1]), output_field=BigIntegerField()
        )
        return self.annotate(
            asks_partner_id=models.Case(models.When(needs_partner=True, then=asked), default=None)
        )

    def asking(self, partner: Partner | None) -> Self:
        """Those that need the help of a partner, or (None) that need one nobody has named, or none at all."""
        return self.with_partner_to_ask().filter(Q(asks_partner_id=partner.pk if partner else None))


class CommitmentQuerySet(models.QuerySet[Row]):
    """Promises on deals."""

    def visible_to(self, user: User) -> Self:
        """Promises one made or received, and those of the deals that one sees."""
        return self.filter(Q(made_by=user) | Q(made_to=user) | Q(opportunity__in=visible_opportunities(user)))

    def open(self) -> Self:
        """Promises not settled yet."""
        return self.filter(outcome="open")

    def due_by(self, day: date) -> Self:
        """Open promises that fall due on `day` or fell due before it."""
        return self.open().filter(due_on__lte=day)


class HandOverQuerySet(models.QuerySet[Row]):
    """Deals offered by who brought them."""

    def visible_to(self, user: User) -> Self:
        """Offers one made or got, and those of the deals that one sees."""
        if not user.is_active:
            return self.none()
        return self.filter(
            Q(offered_by=user) | Q(offered_to=user) | Q(opportunity__in=visible_opportunities(user))
        )

    def open(self) -> Self:
        """Offers that nobody has answered yet."""
        return self.filter(outcome="open")

    def standing(self) -> Self:
        """Offers that were not taken back before they were answered."""
        return self.exclude(outcome="withdrawn")

    def while_led_by(self, user: User) -> Self:
        """Offers to people during the days on which `user` led them."""
        led = Membership.objects.led_by(user).filter(user=OuterRef("offered_to"))
        dated = self.annotate(starts_on=TruncDate("offered_at"), ends_on=TruncDate("answered_at"))
        return dated.filter(models.Exists(led.sharing_a_day_with_outer("starts_on", "ends_on")))

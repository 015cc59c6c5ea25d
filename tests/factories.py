"""Rows for tests, each valid by itself: `UserFactory(roles=["leader"])`, `OpportunityFactory(owner=ana)`.

Deals are opened through the service, so that their history is whole from the first line of a test.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from accounts.models import Membership, Role, RoleGrant, Team, TeamKind, User
from apr.models import Action, ActionType, PointRule, Target, Trial
from foundation.money import Money
from opportunities.models import Commitment, Customer, HandOver, Obstacle, Opportunity, Stage
from opportunities.services.details import open_opportunity
from partners.models import Partner, PartnerGoal, PartnerManagement

LONG_AGO = date(2020, 1, 1)
PASSWORD = "correct horse battery staple"


def grant(*usual: Role) -> Callable[..., None]:
    """Gives the person the roles named in the call, else the usual ones, since long ago."""

    def run(user: User, create: bool, extracted: list[str] | None, **_: object) -> None:
        for role in usual if extracted is None else extracted:
            RoleGrant.objects.create(user=user, role=role, starts_on=LONG_AGO)
        user.__dict__.pop("roles", None)

    return run


class UserFactory(DjangoModelFactory[User]):
    """A person who can sign in with PASSWORD; `roles` are held since long ago."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@fieldstone.example")

    @factory.post_generation
    def password(self, create: bool, extracted: str | None, **_: object) -> None:
        self.set_password(extracted or PASSWORD)
        self.save()

    roles = factory.PostGeneration(grant())


class PMFactory(UserFactory):
    roles = factory.PostGeneration(grant(Role.PARTNER_MANAGER))


class AEFactory(UserFactory):
    roles = factory.PostGeneration(grant(Role.ACCOUNT_EXECUTIVE))


class LeaderFactory(UserFactory):
    roles = factory.PostGeneration(grant(Role.LEADER))


class AdminFactory(UserFactory):
    roles = factory.PostGeneration(grant(Role.ADMIN))


class TeamFactory(DjangoModelFactory[Team]):
    """A team; `leaders` and `members` (since long ago) are lists of people."""

    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")
    kind = TeamKind.SALES

    @factory.post_generation
    def leaders(self, create: bool, extracted: list[User] | None, **_: object) -> None:
        self.leaders.set(extracted or [])

    @factory.post_generation
    def members(self, create: bool, extracted: list[User] | None, **_: object) -> None:
        for user in extracted or []:
            Membership.objects.create(user=user, team=self, starts_on=LONG_AGO)


class PartnerFactory(DjangoModelFactory[Partner]):
    """A partner; `managers` (since long ago) is a list of people."""

    class Meta:
        model = Partner
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Partner {n}")

    @factory.post_generation
    def managers(self, create: bool, extracted: list[User] | None, **_: object) -> None:
        for user in extracted or []:
            PartnerManagement.objects.create(partner=self, user=user, starts_on=LONG_AGO)


class PartnerGoalFactory(DjangoModelFactory[PartnerGoal]):
    """Five certified people by the end of 2026, entered by hand, ours."""

    class Meta:
        model = PartnerGoal

    partner = factory.SubFactory(PartnerFactory)
    side = "us"
    text = "Certify five of their people"
    metric = "by_hand"
    target = 5
    starts_on = date(2026, 1, 1)
    due_on = date(2026, 12, 31)
    why = "Certified people bring deals by themselves."
    created_by = factory.SubFactory(PMFactory)


class CustomerFactory(DjangoModelFactory[Customer]):
    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Customer {n}")


def stage(name: str) -> Stage:
    """A stage of the default funnel by its name."""
    return Stage.objects.get(funnel__is_default=True, name=name)


class OpportunityFactory(DjangoModelFactory[Opportunity]):
    """A deal of EUR 1,000.00 in Qualify, opened on 1 June 2026 at noon UTC through the service."""

    class Meta:
        model = Opportunity

    name = factory.Sequence(lambda n: f"Deal {n}")
    stage = factory.LazyFunction(lambda: stage("Qualify"))
    customer = factory.SubFactory(CustomerFactory)
    amount = Money(100_000, "EUR")
    opened_at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    by = None

    @classmethod
    def _create(cls, model_class: type[Opportunity], *args: object, **fields: object) -> Opportunity:
        return open_opportunity(**fields)  # type: ignore[arg-type]


def action_type(key: str) -> ActionType:
    """One of the default action types by its key, such as `coaching_session`."""
    return ActionType.objects.get(key=key)


class ActionFactory(DjangoModelFactory[Action]):
    """A call to a customer on 15 September 2026 at noon UTC, worth 1 point."""

    class Meta:
        model = Action

    action_type = factory.LazyFunction(lambda: action_type("call_to"))
    actor = factory.SubFactory(AEFactory)
    logged_by = factory.SelfAttribute("actor")
    capacity = "account_executive"
    occurred_at = datetime(2026, 9, 15, 12, tzinfo=UTC)
    occurred_on = factory.LazyAttribute(lambda row: row.occurred_at.astimezone(row.actor.tzinfo).date())
    customer = factory.SubFactory(CustomerFactory)


class PointRuleFactory(DjangoModelFactory[PointRule]):
    class Meta:
        model = PointRule

    points = 1
    effective_from = LONG_AGO


class TargetFactory(DjangoModelFactory[Target]):
    """60 APR points a month since long ago, with a why; give `user`, `team` or `role`."""

    class Meta:
        model = Target

    metric = "apr_points"
    period_kind = "month"
    value = 60
    effective_from = LONG_AGO
    why = "Actions come before results."


class CommitmentFactory(DjangoModelFactory[Commitment]):
    class Meta:
        model = Commitment

    opportunity = factory.SubFactory(OpportunityFactory)
    made_by = factory.SubFactory(AEFactory)
    text = "Send the offer"
    due_on = date(2026, 9, 17)


class ObstacleFactory(DjangoModelFactory[Obstacle]):
    class Meta:
        model = Obstacle

    opportunity = factory.SubFactory(OpportunityFactory)
    description = "Security questionnaire unanswered"
    raised_by = factory.SubFactory(AEFactory)


class HandOverFactory(DjangoModelFactory[HandOver]):
    """An open offer of a deal, to be answered by 17 September 2026."""

    class Meta:
        model = HandOver

    opportunity = factory.SubFactory(OpportunityFactory)
    partner = factory.SubFactory(PartnerFactory)
    offered_by = factory.SubFactory(PMFactory)
    offered_to = factory.SubFactory(AEFactory)
    recorded_by = factory.SelfAttribute("offered_by")
    offered_at = datetime(2026, 9, 14, 9, tzinfo=UTC)
    due_on = date(2026, 9, 17)


class TrialFactory(DjangoModelFactory[Trial]):
    """A trial of the nudge about the pace, judged by points, in September 2199, with nobody in it yet."""

    class Meta:
        model = Trial

    kind = "target"
    measure = "points"
    starts_on = date(2199, 9, 2)
    ends_on = date(2199, 9, 30)
    seed = 1
    version = "1"
    drawn = "0" * 64
    started_by = factory.SubFactory(AdminFactory)

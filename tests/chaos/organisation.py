"""The people who work while everything breaks: two pairs, their deals, and how they sign in."""

from dataclasses import dataclass, field

from django.conf import settings
from django.test import Client

from accounts.models import User
from apr.forms import deal_label
from apr.models import ActionType
from exchange.api.tokens import issue_token
from opportunities.models import Opportunity, Stage
from tests.factories import AEFactory, OpportunityFactory, PMFactory, TargetFactory, TeamFactory

DEALS_EACH = 3


@dataclass
class Deal:
    """What a deal must look like: the answers of the site that its writer was given."""

    pk: int
    label: str
    stage: int
    version: int
    steps: int


@dataclass
class Person:
    """Somebody who writes. `session` is the cookie of their browser."""

    pk: int
    token: str
    session: str
    colleague: int
    deals: list[Deal] = field(default_factory=list)


@dataclass(frozen=True)
class Setting:
    """What writers need to know."""

    people: list[Person]
    kinds: list[int]
    stages: list[int]


def make_organisation() -> Setting:
    """Fills an empty, migrated database."""
    users = [PMFactory(), AEFactory(), PMFactory(), AEFactory()]
    TeamFactory(name="North", members=users[:2])
    TeamFactory(name="South", members=users[2:])
    for user in users:
        TargetFactory(user=user)
    people = [_person(user, users[n ^ 1]) for n, user in enumerate(users)]
    return Setting(
        people=people,
        kinds=[kind.pk for kind in ActionType.objects.filter(is_active=True) if not kind.is_coaching],
        stages=[stage.pk for stage in Stage.objects.filter(funnel__is_default=True).exclude(kind="lost")],
    )


def _person(user: User, colleague: User) -> Person:
    browser = Client()
    browser.force_login(user)
    return Person(
        pk=user.pk,
        token=issue_token(by=user, name="crash test")[1],
        session=browser.cookies[settings.SESSION_COOKIE_NAME].value,
        colleague=colleague.pk,
        deals=[_deal(OpportunityFactory(owner=user)) for _ in range(DEALS_EACH)],
    )


def _deal(deal: Opportunity) -> Deal:
    steps = deal.stage_changes.count()
    return Deal(pk=deal.pk, label=deal_label(deal), stage=deal.stage_id, version=deal.version, steps=steps)

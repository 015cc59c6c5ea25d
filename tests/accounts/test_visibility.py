"""Who sees whom and what, by reporting line and by the days of membership."""

from datetime import UTC, date, datetime

import pytest

from accounts.models import Membership, Organisation, Team, User
from apr.models import Action
from opportunities.models import Capacity, InvolvementKind, Opportunity
from opportunities.services.people import write_assignment
from partners.models import Partner
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TeamFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """Two reporting lines over one deal: Ana (AE) drives it, Nora (PM) stands beside her."""
    region = LeaderFactory(name="Region")
    sales_lead, partner_lead, elsewhere = LeaderFactory(), LeaderFactory(), LeaderFactory()
    ana, nora, stranger = AEFactory(name="Ana"), PMFactory(name="Nora"), AEFactory(name="Stranger")
    north = TeamFactory(name="North", leaders=[region])
    sales = TeamFactory(name="Sales", parent=north, leaders=[sales_lead], members=[ana])
    TeamFactory(name="Alliances", kind="partner", leaders=[partner_lead], members=[nora])
    TeamFactory(name="South", leaders=[elsewhere], members=[stranger])
    partner = PartnerFactory(managers=[nora])
    deal = OpportunityFactory(owner=ana, partner_manager=nora, partners=[(partner, InvolvementKind.SOURCED)])
    return {
        "region": region,
        "sales_lead": sales_lead,
        "partner_lead": partner_lead,
        "elsewhere": elsewhere,
        "ana": ana,
        "nora": nora,
        "stranger": stranger,
        "admin": AdminFactory(),
        "sales": sales,
        "partner": partner,
        "deal": deal,
    }


SEES_THE_DEAL = {
    "ana": True,
    "nora": True,
    "sales_lead": True,
    "partner_lead": True,
    "region": True,
    "admin": True,
    "stranger": False,
    "elsewhere": False,
}


@pytest.mark.parametrize(("who", "sees"), SEES_THE_DEAL.items())
def test_a_deal_is_seen_by_its_people_and_both_reporting_lines(house, who, sees):
    user = house[who]
    assert Opportunity.objects.visible_to(user).filter(pk=house["deal"].pk).exists() is sees
    assert Partner.objects.visible_to(user).filter(pk=house["partner"].pk).exists() is sees


@pytest.mark.parametrize(("who", "sees"), SEES_THE_DEAL.items())
def test_an_action_on_the_deal_is_seen_with_it(house, who, sees):
    action = ActionFactory(actor=house["ana"], opportunity=house["deal"])
    assert Action.objects.visible_to(house[who]).filter(pk=action.pk).exists() is sees


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("ana", {"Ana"}),
        ("nora", {"Nora"}),
        ("sales_lead", {"Ana"}),
        ("partner_lead", {"Nora"}),
        ("elsewhere", {"Stranger"}),
    ],
)
def test_scores_are_seen_by_oneself_and_ones_own_line(house, who, names):
    seen = set(User.objects.scores_visible_to(house[who]).values_list("name", flat=True))
    assert seen - {house[who].name} == names - {house[who].name}
    assert house[who].name in seen


def test_a_leader_sees_the_teams_below_their_own(house):
    assert set(Team.objects.visible_to(house["region"]).values_list("name", flat=True)) == {"North", "Sales"}
    assert set(Team.objects.visible_to(house["sales_lead"]).values_list("name", flat=True)) == {"Sales"}
    assert not Team.objects.visible_to(house["ana"]).exists()


def test_a_leader_sees_only_the_days_on_which_somebody_was_in_the_team(house):
    Membership.objects.filter(user=house["ana"]).update(ends_on=date(2026, 7, 1))
    before = ActionFactory(actor=house["ana"], occurred_at=datetime(2026, 6, 30, 12, tzinfo=UTC))
    after = ActionFactory(actor=house["ana"], occurred_at=datetime(2026, 7, 1, 12, tzinfo=UTC))
    seen = Action.objects.visible_to(house["sales_lead"])
    assert before in seen
    assert after not in seen
    later_deal = OpportunityFactory(owner=house["ana"], opened_at=datetime(2026, 7, 2, 12, tzinfo=UTC))
    deals = Opportunity.objects.visible_to(house["sales_lead"])
    assert house["deal"] in deals
    assert later_deal not in deals


def test_who_handed_a_deal_over_still_sees_it(house):
    write_assignment(
        house["deal"],
        Capacity.ACCOUNT_EXECUTIVE,
        house["stranger"],
        by=house["admin"],
        starts_at=datetime(2026, 8, 1, 12, tzinfo=UTC),
    )
    for who in ("ana", "stranger", "elsewhere", "sales_lead"):
        assert house["deal"] in Opportunity.objects.visible_to(house[who])


def test_an_open_pipeline_shows_deals_and_no_scores(house):
    Organisation.objects.update_or_create(pk=1, defaults={"pipeline_is_open": True})
    assert house["deal"] in Opportunity.objects.visible_to(house["stranger"])
    assert house["ana"] not in User.objects.scores_visible_to(house["stranger"])


def test_a_deactivated_person_sees_nothing(house):
    house["admin"].is_active = False
    for rows in (Opportunity, Partner, Action, Team, Membership):
        assert not rows.objects.visible_to(house["admin"]).exists()


def test_seeing_never_multiplies_rows(house):
    for day in (2, 3, 4):
        for capacity, person in (
            (Capacity.ACCOUNT_EXECUTIVE, house["stranger"] if day == 3 else house["ana"]),
        ):
            write_assignment(
                house["deal"], capacity, person, by=None, starts_at=datetime(2026, 8, day, 12, tzinfo=UTC)
            )
    assert Opportunity.objects.visible_to(house["sales_lead"]).count() == 1
    assert Partner.objects.visible_to(house["partner_lead"]).count() == 1

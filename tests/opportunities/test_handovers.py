"""A deal that a partner manager brings: offered, and accepted, returned or withdrawn, through pages and API.

2026-09-15 is a Tuesday. Nora (PM, led by Priya) offers to Ana (AE, led by Lars); Stella has no part.
"""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Holiday, Organisation
from exchange.api.tokens import issue_token
from exchange.models import TokenScope
from opportunities.models import Assignment, HandOver, Opportunity, PartnerInvolvement
from opportunities.services.leaving import leave
from opportunities.services.people import assign
from tests.factories import HandOverFactory, OpportunityFactory, PartnerFactory, PMFactory, UserFactory, stage
from tests.opportunities.conftest import signed_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(Organisation, "today", lambda self: TODAY)
    monkeypatch.setattr("accounts.models.User.today", lambda self: TODAY)
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)  # days of this year are said without it


@pytest.fixture
def brought(cast):
    """A deal of Nora's through Norrvik that nobody drives yet."""
    return OpportunityFactory(
        name="Birch rollout", partner_manager=cast.nora, partners=[(cast.norrvik, "sourced")], by=cast.nora
    )


def words(user, path="/"):
    response = signed_in(user).get(path)
    assert response.status_code == 200
    body = response.text.split('<main class="page"')[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def page_of(user, deal):
    return signed_in(user).get(f"/opportunities/{deal.pk}/")


def api(person):
    client = APIClient()
    client.default_format = "json"
    secret = issue_token(by=person, name="test", scope=TokenScope.WRITE)[1]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def offered(cast, deal, by=None, to=None, **fields):
    """Offered through the page; the offer."""
    body = {
        "offered_to": (to or cast.ana).pk,
        "partner": cast.norrvik.pk,
        "due_on": "2026-09-17",
        "note": "Their CFO knows us",
        **fields,
    }
    answer = signed_in(by or cast.nora).post(f"/opportunities/{deal.pk}/offer/", body)
    assert answer.status_code == 302, answer.text
    return HandOver.objects.latest("pk")


# --- offering ---------------------------------------------------------------------------------------


def test_a_partner_manager_opens_a_deal_and_offers_it_in_one_step(cast):
    nora = signed_in(cast.nora)
    form = nora.get("/opportunities/new/").context["form"]
    assert form["answer_by"].value() == date(2026, 9, 18)  # Wednesday, Thursday, Friday
    answer = nora.post(
        "/opportunities/new/",
        {
            "name": "Cedar pilot",
            "currency": "EUR",
            "stage": stage("Qualify").pk,
            "partner_manager": cast.nora.pk,
            "partner": cast.norrvik.pk,
            "kind": "sourced",
            "offered_to": cast.ana.pk,
            "answer_by": "2026-09-21",
        },
    )
    deal = Opportunity.objects.get(name="Cedar pilot")
    assert (answer.status_code, answer["Location"]) == (302, f"/opportunities/{deal.pk}/")
    row = HandOver.objects.get()
    assert (deal.owner, deal.partner_manager) == (None, cast.nora)
    assert (row.opportunity, row.offered_by, row.offered_to) == (deal, cast.nora, cast.ana)
    assert (row.partner, row.due_on, row.outcome) == (cast.norrvik, date(2026, 9, 21), "open")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"partner": ""}, "partner"),
        ({"kind": "co_sell"}, "kind"),
        ({"partner_manager": ""}, "partner_manager"),
        ({"owner": "ana"}, "owner"),
        ({"answer_by": "2026-09-14"}, "answer_by"),
    ],
)
def test_what_an_offer_needs_is_said_at_its_place_and_nothing_is_opened(cast, change, field):
    body = {
        "name": "Cedar pilot",
        "currency": "EUR",
        "stage": stage("Qualify").pk,
        "partner_manager": cast.nora.pk,
        "partner": cast.norrvik.pk,
        "kind": "sourced",
        "offered_to": cast.ana.pk,
        **{name: cast.ana.pk if value == "ana" else value for name, value in change.items()},
    }
    answer = signed_in(cast.nora).post("/opportunities/new/", body)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not Opportunity.objects.filter(name="Cedar pilot").exists()


def test_an_offer_shows_the_deal_to_whom_it_goes_and_to_who_leads_them(cast, brought):
    people = [cast.nora, cast.priya, cast.ana, cast.lars, cast.stella, cast.admin]
    before = [page_of(one, brought).status_code for one in people]
    offered(cast, brought)
    after = [page_of(one, brought).status_code for one in people]
    assert before == [200, 200, 404, 404, 404, 200]
    assert after == [200, 200, 200, 200, 404, 200]
    assert signed_in(cast.ana).get(f"/opportunities/{brought.pk}/edit/").status_code == 403
    assert signed_in(cast.ana).get(f"/partners/{cast.norrvik.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("due_on", "said"),
    [
        (date(2026, 9, 15), "answer by Tue 15 Sep, the last day"),
        (date(2026, 9, 16), "answer by Wed 16 Sep, 1 working day left"),
        (date(2026, 9, 21), "answer by Mon 21 Sep, 3 working days left"),  # Thursday is a holiday
        (date(2026, 9, 11), "the answer was due Fri 11 Sep, 2 working days ago"),
        (date(2026, 9, 14), "the answer was due Mon 14 Sep, 1 working day ago"),
    ],
)
def test_both_see_the_clock_in_working_days(cast, brought, due_on, said):
    Holiday.objects.create(date=date(2026, 9, 17), name="Founders' day")
    HandOverFactory(
        opportunity=brought, partner=cast.norrvik, offered_by=cast.nora, offered_to=cast.ana, due_on=due_on
    )
    for person in (cast.nora, cast.ana):
        assert said in words(person, f"/opportunities/{brought.pk}/")
        assert said in words(person)


def test_the_day_of_both_says_what_waits(cast, brought):
    offered(cast, brought)
    assert "Nora offers you Birch rollout. Do you take it?" in words(cast.ana)
    assert "Ana: an answer to your offer of Birch rollout, answer by Thu 17 Sep" in words(cast.nora)
    HandOver.objects.update(due_on=date(2026, 9, 14))
    assert "Ana has not answered your offer of Birch rollout" in words(cast.nora)


@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("stella", 404), ("priya", 302), ("admin", 302)])
def test_who_may_offer(cast, brought, who, status):
    assign(opportunity_id=cast.deal.pk, capacity="account_executive", person=None, by=cast.admin)
    body = {"offered_to": cast.ana.pk, "partner": cast.norrvik.pk, "due_on": "2026-09-17"}
    answer = signed_in(getattr(cast, who)).post(f"/opportunities/{cast.deal.pk}/offer/", body)
    assert answer.status_code == status
    rows = list(HandOver.objects.values_list("offered_by__name", "recorded_by__name"))
    assert rows == ([("Nora Lindqvist", getattr(cast, who).name)] if status == 302 else [])


def test_there_is_one_open_offer_for_a_deal(cast, brought):
    offered(cast, brought)
    body = {"offered_to": cast.stella.pk, "partner": cast.norrvik.pk, "due_on": "2026-09-17", "note": "Mine"}
    answer = signed_in(cast.nora).post(f"/opportunities/{brought.pk}/offer/", body)
    assert answer.status_code == 422
    assert "This deal is offered to somebody already." in answer.text
    assert "Mine" in answer.text
    assert HandOver.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOverFactory(opportunity=brought, partner=cast.norrvik)


def test_a_deal_that_somebody_drives_is_not_offered(cast):
    body = {"offered_to": cast.stella.pk, "partner": cast.norrvik.pk, "due_on": "2026-09-17"}
    answer = signed_in(cast.nora).post(f"/opportunities/{cast.deal.pk}/offer/", body)
    assert answer.status_code == 422
    assert "Ana Kovač drives this deal already." in answer.text


def test_the_partner_through_whom_it_came_is_on_the_deal_as_sourced(cast):
    bare = OpportunityFactory(partner_manager=cast.nora)
    other = PartnerFactory(managers=[cast.nora])
    refused = api(cast.nora).post(
        "/api/v1/hand-overs/", {"opportunity": str(bare.pk), "offered_to": str(cast.ana.pk)}
    )
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"partner"})
    offered(cast, bare)
    assert list(bare.involvements.values_list("partner", "kind")) == [(cast.norrvik.pk, "sourced")]
    HandOver.objects.all().delete()
    body = {"opportunity": str(bare.pk), "offered_to": str(cast.ana.pk), "partner": str(other.pk)}
    another = api(cast.nora).post("/api/v1/hand-overs/", body)
    assert (another.status_code, set(another.json()["errors"])) == (400, {"partner"})


# --- answering --------------------------------------------------------------------------------------


def test_accepting_makes_the_owner_from_that_moment(cast, brought):
    row = offered(cast, brought)
    before = timezone.now()
    answer = signed_in(cast.ana).post(f"/opportunities/hand-overs/{row.pk}/accept/")
    assert (answer.status_code, answer["Location"]) == (302, f"/opportunities/{brought.pk}/")
    brought.refresh_from_db()
    row.refresh_from_db()
    assigned = Assignment.objects.get(opportunity=brought, capacity="account_executive")
    assert (brought.owner, assigned.user, assigned.ends_at) == (cast.ana, cast.ana, None)
    assert before <= assigned.starts_at == row.answered_at <= timezone.now()
    assert (row.outcome, row.answered_by) == ("accepted", cast.ana)
    assert PartnerInvolvement.objects.get(opportunity=brought).kind == "sourced"
    told = words(cast.nora, f"/opportunities/{brought.pk}/")
    assert "Offered to Ana Kovač Nora Lindqvist · through Norrvik Systems · answer by Thu 17 Sep" in told
    assert "Accepted by Ana Kovač" in told
    assert signed_in(cast.ana).get(f"/opportunities/{brought.pk}/edit/").status_code == 200


def test_an_accepted_deal_is_in_the_figures_of_both(cast, brought):
    def created(person):
        opened = brought.opened_on
        query = {"subject": f"user:{person.pk}", "period": f"{opened:%Y-%m}"}
        found = api(person).get("/api/v1/results/", query).json()
        return found["pipeline_created"]["amount"]["amount"]

    row = offered(cast, brought)
    cast_deal = 148_000  # Acme renewal, opened in the same month
    assert float(created(cast.ana)) == cast_deal
    signed_in(cast.ana).post(f"/opportunities/hand-overs/{row.pk}/accept/")
    assert float(created(cast.ana)) == cast_deal + 1_000
    assert float(created(cast.nora)) == cast_deal + 1_000


def test_a_returned_deal_needs_a_reason_and_comes_back_to_who_offered_it(cast, brought):
    row = offered(cast, brought)
    path = f"/opportunities/hand-overs/{row.pk}/return/"
    bare = signed_in(cast.ana).post(path, {"reason": "  "})
    assert bare.status_code == 422
    assert HandOver.objects.get().outcome == "open"
    assert signed_in(cast.ana).post(path, {"reason": "Not my region"}).status_code == 302
    assert "Returned by Ana Kovač on" in words(cast.nora, f"/opportunities/{brought.pk}/")
    day = words(cast.nora)
    assert "Ana returned Birch rollout. Who drives it now?" in day
    assert "“Not my region”" in day
    assert "offers you" not in words(cast.ana)
    again = offered(cast, brought, to=cast.stella)
    assert again.offered_to == cast.stella
    assert "Ana returned" not in words(cast.nora)
    assert Opportunity.objects.get(pk=brought.pk).owner is None


def test_a_withdrawn_offer_hides_the_deal_again(cast, brought):
    row = offered(cast, brought)
    assert signed_in(cast.ana).post(f"/opportunities/hand-overs/{row.pk}/withdraw/").status_code == 403
    assert signed_in(cast.nora).post(f"/opportunities/hand-overs/{row.pk}/withdraw/").status_code == 302
    assert HandOver.objects.get().outcome == "withdrawn"
    assert page_of(cast.ana, brought).status_code == 404
    assert "Offer withdrawn, it had gone to Ana Kovač" in words(cast.nora, f"/opportunities/{brought.pk}/")
    late = signed_in(cast.ana).post(f"/opportunities/hand-overs/{row.pk}/accept/", follow=True)
    assert HandOver.objects.get().outcome == "withdrawn"
    assert Opportunity.objects.get(pk=brought.pk).owner is None
    assert "This offer is settled already." in late.text
    assert "Birch rollout" not in late.text.split("<main")[1]


@pytest.mark.parametrize(
    ("who", "status"), [("nora", 403), ("priya", 403), ("stella", 404), ("lars", 302), ("admin", 302)]
)
def test_nobody_accepts_their_own_and_leaders_act_on_record(cast, brought, who, status):
    row = offered(cast, brought)
    person = getattr(cast, who)
    assert signed_in(person).post(f"/opportunities/hand-overs/{row.pk}/accept/").status_code == status
    brought.refresh_from_db()
    assert brought.owner == (cast.ana if status == 302 else None)
    if status == 302:
        assert f"recorded by {person.name}" in words(cast.nora, f"/opportunities/{brought.pk}/")


def test_a_partner_manager_who_leads_the_executive_still_does_not_answer_for_them(cast, brought):
    team = cast.ana.memberships.get().team
    team.leaders.add(cast.nora)
    row = offered(cast, brought)
    assert signed_in(cast.nora).post(f"/opportunities/hand-overs/{row.pk}/accept/").status_code == 403
    assert api(cast.nora).post(f"/api/v1/hand-overs/{row.pk}/accept/").status_code == 403
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.filter(pk=row.pk).update(
            outcome="accepted", answered_at=timezone.now(), answered_by=cast.nora
        )


def test_one_person_with_both_roles_takes_their_own_deal(cast):
    both = UserFactory(roles=["partner_manager", "account_executive"])
    deal = OpportunityFactory(partner_manager=both, partners=[(cast.norrvik, "sourced")])
    row = offered(cast, deal, by=both, to=both)
    assert signed_in(both).post(f"/opportunities/hand-overs/{row.pk}/accept/").status_code == 302
    deal.refresh_from_db()
    assert (deal.owner, deal.partner_manager) == (both, both)


def test_an_offer_is_refused_once_somebody_else_drives_the_deal(cast, brought):
    row = offered(cast, brought)
    assign(opportunity_id=brought.pk, capacity="account_executive", person=cast.stella, by=cast.nora)
    answer = signed_in(cast.ana).post(f"/opportunities/hand-overs/{row.pk}/accept/", follow=True)
    assert "Stella Nowak drives this deal by now." in answer.text
    assert Opportunity.objects.get(pk=brought.pk).owner == cast.stella
    assert HandOver.objects.get().outcome == "open"


def test_an_offer_to_somebody_who_leaves_goes_back(cast, brought):
    offered(cast, brought)
    leave(person=cast.ana, successors={"owned": cast.stella}, by=cast.admin)
    row = HandOver.objects.get()
    assert (row.outcome, row.answered_by, row.reason) == ("returned", cast.admin, "Ana Kovač has left.")
    assert "Ana returned Birch rollout. Who drives it now?" in words(cast.nora)


def test_who_takes_the_place_of_the_partner_manager_waits_for_the_answer(cast, brought):
    offered(cast, brought)
    pam = PMFactory(name="Pam Reyes")
    assign(opportunity_id=brought.pk, capacity="partner_manager", person=pam, by=cast.admin)
    assert "Ana: an answer to your offer of Birch rollout" in words(pam)
    row = HandOver.objects.get()
    assert signed_in(pam).post(f"/opportunities/hand-overs/{row.pk}/withdraw/").status_code == 302


def test_rules_that_hold_whoever_writes(cast, brought):
    row = offered(cast, brought)
    now = timezone.now()
    for wrong in (
        {"outcome": "returned", "answered_at": now, "answered_by": cast.ana},
        {"outcome": "accepted"},
        {"outcome": "accepted", "answered_at": now, "answered_by": cast.ana, "reason": "Why not"},
        {"outcome": "perhaps", "answered_at": now, "answered_by": cast.ana},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            HandOver.objects.filter(pk=row.pk).update(**wrong)
    with pytest.raises(ValidationError):
        HandOver(opportunity=brought, offered_by=cast.nora, offered_to=cast.ana).validate_constraints()


# --- the API ----------------------------------------------------------------------------------------


def test_the_whole_way_through_the_api(cast, brought):
    nora, ana = api(cast.nora), api(cast.ana)
    body = {"opportunity": str(brought.pk), "offered_to": str(cast.ana.pk), "due_on": "2026-09-18"}
    made = nora.post("/api/v1/hand-overs/", body)
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["working_days_left"], row["outcome"], row["partner"]) == (3, "open", str(cast.norrvik.pk))
    assert [one["id"] for one in ana.get("/api/v1/hand-overs/?outcome=open").json()["results"]] == [row["id"]]
    url = f"/api/v1/hand-overs/{row['id']}/"
    assert (nora.post(url + "accept/").status_code, ana.post(url + "withdraw/").status_code) == (403, 403)
    assert ana.post(url + "return/", {}).json()["errors"].keys() == {"reason"}
    returned = ana.post(url + "return/", {"reason": "Too small"}).json()
    assert (returned["outcome"], returned["reason"], returned["working_days_left"]) == (
        "returned",
        "Too small",
        None,
    )
    again = nora.post("/api/v1/hand-overs/", body).json()
    url = f"/api/v1/hand-overs/{again['id']}/"
    accepted = ana.post(url + "accept/").json()
    assert (accepted["outcome"], accepted["answered_by"]) == ("accepted", str(cast.ana.pk))
    assert ana.get(f"/api/v1/opportunities/{brought.pk}/").json()["owner"] == str(cast.ana.pk)
    assert ana.post(url + "accept/").json()["code"] == "settled"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"offered_to": "nora"}, "offered_to"),
        ({"due_on": "2026-09-14"}, "due_on"),
        ({"outcome": "accepted"}, "outcome"),
    ],
)
def test_what_the_api_refuses(cast, brought, change, field):
    body = {"opportunity": str(brought.pk), "offered_to": str(cast.ana.pk), **change}
    body = {name: str(cast.nora.pk) if value == "nora" else value for name, value in body.items()}
    answer = api(cast.nora).post("/api/v1/hand-overs/", body)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})


# --- the cost ---------------------------------------------------------------------------------------


def queries_of(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


def test_many_offers_cost_no_more_queries_than_one(cast):
    def more(count):
        for _number in range(count):
            deal = OpportunityFactory(partner_manager=cast.nora, partners=[(cast.norrvik, "sourced")])
            HandOverFactory(opportunity=deal, partner=cast.norrvik, offered_by=cast.nora, offered_to=cast.ana)

    doors = [(signed_in(cast.ana), "/"), (signed_in(cast.nora), "/"), (api(cast.ana), "/api/v1/hand-overs/")]
    more(1)
    one = [queries_of(*door) for door in doors]
    more(6)
    assert [queries_of(*door) for door in doors] == one
    assert len(doors[2][0].get("/api/v1/hand-overs/").json()["results"]) == 7

"""Partners as people meet them: who sees and changes what, and what the figures say."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from accounts.models import ExchangeRate, Organisation
from foundation.money import Money
from opportunities.models import InvolvementKind, LostReason
from opportunities.services.stages import move_stage
from partners.models import Partner, PartnerContact, PartnerManagement
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TeamFactory,
    action_type,
    stage,
)

pytestmark = pytest.mark.django_db
SOURCED, INFLUENCED = InvolvementKind.SOURCED, InvolvementKind.INFLUENCED


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def norrvik(nora):
    return PartnerFactory(name="Norrvik Systems", managers=[nora], region="Nordics", tier="Gold")


def as_(client, user):
    client.force_login(user)
    return client


def closed(deal, kind, when, by):
    """The deal in its closing stage since an instant."""
    reason = LostReason.objects.first() if kind == "Lost" else None
    move_stage(opportunity_id=deal.pk, to_stage=stage(kind), by=by, effective_at=when, lost_reason=reason)


# --- who sees and changes what ----------------------------------------------------------------------


def test_partner_is_seen_by_its_people_alone(client, nora, ana, norrvik):
    leader, other_leader, stranger, admin = LeaderFactory(), LeaderFactory(), PMFactory(), AdminFactory()
    TeamFactory(kind="partner", leaders=[leader], members=[nora])
    TeamFactory(kind="partner", leaders=[other_leader], members=[stranger])
    on_a_deal = AEFactory()
    OpportunityFactory(owner=on_a_deal, partners=[(norrvik, SOURCED)])
    url = reverse("partners:detail", args=[norrvik.pk])
    seen = {
        person.pk: as_(client, person).get(url).status_code
        for person in [nora, leader, admin, on_a_deal, ana, stranger, other_leader]
    }
    assert list(seen.values()) == [200, 200, 200, 200, 404, 404, 404]
    names = as_(client, stranger).get(reverse("partners:list")).content.decode()
    assert "Norrvik" not in names


@pytest.mark.parametrize("name", ["edit", "contact_new", "manager_new"])
def test_only_who_looks_after_a_partner_changes_it(client, nora, norrvik, name):
    on_a_deal = AEFactory()
    OpportunityFactory(owner=on_a_deal, partners=[(norrvik, SOURCED)])
    leader = LeaderFactory()
    TeamFactory(kind="partner", leaders=[leader], members=[nora])
    url = reverse(f"partners:{name}", args=[norrvik.pk])
    answers = [as_(client, person).get(url).status_code for person in [nora, leader, AdminFactory()]]
    assert answers == [200, 200, 200]
    assert as_(client, on_a_deal).get(url).status_code == 403
    assert as_(client, on_a_deal).post(url, {"name": "Mine now"}).status_code == 403
    assert as_(client, PMFactory()).get(url).status_code == 404
    norrvik.refresh_from_db()
    assert norrvik.name == "Norrvik Systems"


def test_signed_out_people_are_asked_to_sign_in(client, norrvik):
    assert client.get(reverse("partners:list")).status_code == 302
    assert client.get(reverse("partners:detail", args=[norrvik.pk])).status_code == 302


# --- entering and changing --------------------------------------------------------------------------

PLAIN = {"name": "Tessera Cloud", "type": "reseller", "lifecycle": "recruited"}


def test_a_partner_manager_enters_a_partner_and_looks_after_it(client, nora):
    answer = as_(client, nora).post(reverse("partners:new"), PLAIN)
    tessera = Partner.objects.get(name="Tessera Cloud")
    assert answer["Location"] == reverse("partners:detail", args=[tessera.pk])
    row = tessera.managements.get()
    assert (row.user, row.starts_on, row.ends_on) == (nora, Organisation.current().today(), None)


def test_an_administrator_enters_a_partner_without_looking_after_it(client):
    as_(client, AdminFactory()).post(reverse("partners:new"), PLAIN)
    assert not Partner.objects.get(name="Tessera Cloud").managements.exists()


def test_account_executives_enter_no_partners(client, ana):
    assert as_(client, ana).get(reverse("partners:new")).status_code == 403
    assert as_(client, ana).post(reverse("partners:new"), PLAIN).status_code == 403
    assert "Partner</a>" not in as_(client, ana).get(reverse("partners:list")).content.decode()
    assert not Partner.objects.exists()


def test_a_taken_name_is_said_under_the_field_and_typed_text_stays(client, nora, norrvik):
    typed = {**PLAIN, "name": "norrvik systems", "region": "Benelux"}
    answer = as_(client, nora).post(reverse("partners:new"), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a partner of this name already." in page
    assert 'value="Benelux"' in page
    assert Partner.objects.count() == 1


def test_editing_changes_the_row(client, nora, norrvik):
    url = reverse("partners:edit", args=[norrvik.pk])
    as_(client, nora).post(url, {"name": "Norrvik", "type": "distributor", "lifecycle": "dormant"})
    norrvik.refresh_from_db()
    assert (norrvik.name, norrvik.type, norrvik.lifecycle) == ("Norrvik", "distributor", "dormant")


def test_contacts_are_added_changed_and_retired(client, nora, norrvik):
    client = as_(client, nora)
    client.post(
        reverse("partners:contact_new", args=[norrvik.pk]), {"name": "Ilse Brandt", "title": "Alliances"}
    )
    ilse = PartnerContact.objects.get(partner=norrvik)
    client.post(
        reverse("partners:contact_edit", args=[ilse.pk]),
        {"name": "Ilse Brandt", "email": "ilse@norrvik.example"},
    )
    client.post(reverse("partners:contact_toggle", args=[ilse.pk]))
    ilse.refresh_from_db()
    assert (ilse.email, ilse.is_active) == ("ilse@norrvik.example", False)
    assert "Ilse Brandt" in client.get(reverse("partners:detail", args=[norrvik.pk])).content.decode()
    client.post(reverse("partners:contact_toggle", args=[ilse.pk]))
    ilse.refresh_from_db()
    assert ilse.is_active


def test_contacts_of_others_cannot_be_touched(client, norrvik):
    ilse = PartnerContact.objects.create(partner=norrvik, name="Ilse Brandt")
    stranger, on_a_deal = PMFactory(), AEFactory()
    OpportunityFactory(owner=on_a_deal, partners=[(norrvik, SOURCED)])
    for person, status in [(stranger, 404), (on_a_deal, 403)]:
        for name in ["contact_edit", "contact_toggle"]:
            assert as_(client, person).post(reverse(f"partners:{name}", args=[ilse.pk])).status_code == status
    ilse.refresh_from_db()
    assert ilse.is_active


def test_management_is_handed_over_by_dates(client, nora, norrvik):
    mark = PMFactory(name="Mark Boyd")
    client = as_(client, nora)
    url = reverse("partners:manager_new", args=[norrvik.pk])
    assert client.post(url, {"user": mark.pk, "starts_on": "2026-10-01"}).status_code == 302
    again = client.post(url, {"user": mark.pk, "starts_on": "2026-10-05"})
    assert (again.status_code, "looks after this partner then already" in again.content.decode()) == (
        422,
        True,
    )
    noras = PartnerManagement.objects.get(user=nora)
    client.post(reverse("partners:manager_end", args=[noras.pk]), {"ends_on": "2026-10-15"})
    rows = norrvik.managements.order_by("starts_on").values_list("user__name", "starts_on", "ends_on")
    assert list(rows) == [
        ("Nora Lindqvist", date(2020, 1, 1), date(2026, 10, 15)),
        ("Mark Boyd", date(2026, 10, 1), None),
    ]
    assert client.get(reverse("partners:manager_end", args=[noras.pk])).status_code == 404


def test_account_executives_are_not_offered_as_managers(client, nora, ana, norrvik):
    url = reverse("partners:manager_new", args=[norrvik.pk])
    assert as_(client, nora).post(url, {"user": ana.pk, "starts_on": "2026-10-01"}).status_code == 422


# --- figures ----------------------------------------------------------------------------------------


@pytest.fixture
def a_year(nora, ana, norrvik):
    """Five deals with Norrvik: 400 sourced won after 30 days, 100 influenced won after 91, 50 lost, two open.

    All of 2026, opened on 1 June; a sixth, won by others, is not Nora's to see.
    """

    def deal(name, amount, *kinds, owner=ana, pm=nora):
        partners = [(norrvik, kind) for kind in kinds]
        return OpportunityFactory(
            name=name, amount=amount, owner=owner, partner_manager=pm, partners=partners
        )

    admin = AdminFactory()
    eur = lambda whole: Money(whole * 100, "EUR")  # noqa: E731 - short for the rows below
    closed(deal("Sourced won", eur(400), SOURCED), "Won", datetime(2026, 7, 1, 9, tzinfo=UTC), admin)
    closed(deal("Influenced won", eur(100), INFLUENCED), "Won", datetime(2026, 8, 31, 9, tzinfo=UTC), admin)
    closed(deal("Lost", eur(50), SOURCED), "Lost", datetime(2026, 7, 2, 9, tzinfo=UTC), admin)
    deal("Open sourced", eur(1_000), SOURCED, InvolvementKind.CO_SELL)
    deal("Open without amount", None, INFLUENCED)
    hidden = deal("Hidden", eur(9_999), SOURCED, owner=AEFactory(), pm=None)
    closed(hidden, "Won", datetime(2026, 7, 1, 9, tzinfo=UTC), admin)
    return norrvik


def card_of(client, user, partner, query=""):
    answer = as_(client, user).get(reverse("partners:detail", args=[partner.pk]) + query)
    return answer, answer.content.decode()


def test_the_page_says_what_the_partner_brought(client, nora, a_year):
    _answer, page = card_of(client, nora, a_year, "?period=ever&deals=won")
    assert "So far it sourced €400 and influenced €100 of what we won." in page
    for words in ["67% of deals closed", "of 3", ">60 days</a>", "2 deals, weighted €100"]:
        assert words in page  # 2 won of 3; the median of 30 and 91 days is 60.5, half to even; 10 % of €1,000
    assert ">€1,000</a>" in page  # open, the deal without an amount adds nothing
    assert "Hidden" not in page
    rows = page.split("<tbody>")[1].split("</tbody>")[0]
    assert ("Sourced won" in rows, "Influenced won" in rows, "Open sourced" in rows) == (True, True, False)
    assert "€500" in page.split("<tfoot>")[1]  # the rows add up to both figures


def test_a_figure_has_as_many_rows_as_it_says(client, nora, a_year):
    for name, count, total in [
        ("open", 2, "€1,000"),
        ("sourced_won", 1, "€400"),
        ("influenced_won", 1, "€100"),
        ("lost", 1, "€50"),
        ("closed", 3, "€550"),
    ]:
        _answer, page = card_of(client, nora, a_year, f"?period=ever&deals={name}")
        assert page.split("<tbody>")[1].split("</tbody>")[0].count("<tr>") == count
        assert total in page.split("<tfoot>")[1]


def test_a_period_leaves_out_what_closed_before(client, nora, a_year):
    deals = a_year.involvements.filter(opportunity__name="Influenced won")
    old = deals.get().opportunity
    type(old).objects.filter(pk=old.pk).update(closed_on=date(2019, 5, 1))
    _answer, page = card_of(client, nora, a_year, "?period=year&deals=influenced_won")
    assert "Influenced won</a>" not in page


def test_a_missing_rate_is_said_and_never_taken_as_one(client, nora, ana, norrvik):
    OpportunityFactory(
        amount=Money(100_000, "USD"), owner=ana, partner_manager=nora, partners=[(norrvik, SOURCED)]
    )
    _answer, page = card_of(client, nora, norrvik)
    assert "Amounts in USD are left out of the sums" in page
    assert "€1,000" not in page
    ExchangeRate.objects.create(
        currency="USD", reporting_currency="EUR", effective_from=date(2020, 1, 1), rate_nano=900_000_000
    )
    _answer, page = card_of(client, nora, norrvik)
    assert "left out" not in page
    assert ">€900</a>" in page  # 1,000 × 0.9


def test_notes_of_coaching_stay_between_the_two(client, nora, ana, norrvik):
    leader = LeaderFactory()
    TeamFactory(kind="partner", leaders=[leader], members=[nora])
    ActionFactory(
        action_type=action_type("coaching_session"),
        actor=nora,
        counterpart=ana,
        partner=norrvik,
        notes="Too shy on price",
    )
    _answer, page = card_of(client, nora, norrvik)
    assert "Too shy on price" in page
    _answer, page = card_of(client, leader, norrvik)
    assert "Coaching session" in page
    assert "Too shy on price" not in page


# --- lists ------------------------------------------------------------------------------------------


def test_filters_narrow_the_list(client, nora, norrvik):
    PartnerFactory(name="Bluepine", managers=[nora], type="reseller", tier="Silver")
    PartnerContact.objects.create(partner=norrvik, name="Ilse Brandt")
    client = as_(client, nora)

    def found(query):
        page = client.get(reverse("partners:list") + query).content.decode()
        return [name for name in ("Bluepine", "Norrvik Systems") if f">{name}</a>" in page]

    assert found("") == ["Bluepine", "Norrvik Systems"]
    assert found("?type=reseller") == ["Bluepine"]
    assert found("?q=ilse+nordics") == ["Norrvik Systems"]
    assert found("?tier=Gold") == ["Norrvik Systems"]
    assert found(f"?manager={nora.pk}") == ["Bluepine", "Norrvik Systems"]
    assert found("?q=nobody") == []
    assert found("?type=nonsense&page=99&manager=x") == ["Bluepine", "Norrvik Systems"]  # said, not a failure


def test_the_list_answers_htmx_with_its_part(client, nora, norrvik):
    answer = as_(client, nora).get(
        reverse("partners:list"), headers={"HX-Request": "true", "HX-Target": "partners"}
    )
    page = answer.content.decode()
    assert page.lstrip().startswith('<div class="stack" id="partners">')
    assert "HX-Request" in answer["Vary"]


def queries(client, url, django_assert_max_num_queries, most):
    client.get(url)  # the first visit of a session also notes where it comes from
    with django_assert_max_num_queries(most) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_list_takes_as_many_queries_for_fifty_as_for_one(
    client, nora, ana, norrvik, django_assert_max_num_queries
):
    client = as_(client, nora)
    url = reverse("partners:list")
    one = queries(client, url, django_assert_max_num_queries, 25)
    for _number in range(49):
        partner = PartnerFactory(managers=[nora])
        OpportunityFactory(owner=ana, partner_manager=nora, partners=[(partner, SOURCED)])
        ActionFactory(actor=nora, partner=partner)
    assert queries(client, url, django_assert_max_num_queries, 25) == one


def test_the_page_takes_as_many_queries_for_fifty_deals_as_for_one(
    client, nora, ana, norrvik, django_assert_max_num_queries
):
    client = as_(client, nora)
    url = reverse("partners:detail", args=[norrvik.pk])
    OpportunityFactory(owner=ana, partner_manager=nora, partners=[(norrvik, SOURCED)])
    ActionFactory(actor=nora, partner=norrvik)
    one = queries(client, url, django_assert_max_num_queries, 25)
    for _number in range(49):
        OpportunityFactory(owner=ana, partner_manager=nora, partners=[(norrvik, SOURCED)])
        ActionFactory(actor=nora, partner=norrvik)
        PartnerContact.objects.create(partner=norrvik, name="Somebody")
    assert queries(client, url, django_assert_max_num_queries, 25) == one


# --- actions both ways, and silence -----------------------------------------------------------------


@pytest.fixture
def september(nora, norrvik):
    """By Tuesday 15 September: an e-mail on Monday 31 August, their call on the 3rd, a meeting on the 7th."""
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        for key, month, day in (("email", 8, 31), ("call_from", 9, 3), ("face_to_face", 9, 7)):
            at = datetime(2026, month, day, 9, tzinfo=UTC)
            ActionFactory(actor=nora, partner=norrvik, action_type=action_type(key), occurred_at=at)
        ActionFactory(actor=nora, partner=PartnerFactory())
        yield norrvik


def test_actions_both_ways_and_the_longest_silence(client, nora, september):
    _answer, page = card_of(client, nora, september, "?period=2026-09")
    assert ">1</a>" in page.split("Ours to them")[1][:200]  # the meeting
    assert ">1</a>" in page.split("Theirs to us")[1][:200]
    # working days without an action: 1 and 2, then 4, then 8 to 11 and 14: five, still running on the 15th
    assert "5 working days" in page
    assert "since 8 Sep" in page
    _answer, page = card_of(client, nora, september, "?period=2026-08")
    assert "somebody spoke with them every day" in page  # from the first action on, on the last day of August
    _answer, page = card_of(client, nora, september, "?period=2026-Q3&actions=ours")
    assert page.split('id="actions"')[1].split("</section>")[0].count("<tr>") == 3  # head, meeting, e-mail
    _answer, page = card_of(client, nora, september, "?period=2026-09&actions=theirs")
    rows = page.split('id="actions"')[1].split("</section>")[0]
    assert ("Call from" in rows, "Face-to-face" in rows) == (True, False)


@pytest.mark.parametrize(
    "asked", ["month", "quarter", "year", "ever", "2026-09", "2026-W37", "nonsense", "9999"]
)
def test_every_period_can_be_asked_for(client, nora, september, asked):
    answer, _page = card_of(client, nora, september, f"?period={asked}&actions=both&deals=nonsense")
    assert answer.status_code == 200


def test_the_list_is_sorted_by_its_columns_and_from_a_to_z_by_itself(client, nora, ana, norrvik):
    bluepine = PartnerFactory(name="Bluepine", managers=[nora])
    PartnerFactory(name="Calder", managers=[nora])
    for partner, amount in ((norrvik, 100), (bluepine, 900)):
        OpportunityFactory(
            amount=Money(amount, "EUR"), owner=ana, partner_manager=nora, partners=[(partner, SOURCED)]
        )
    ActionFactory(actor=nora, partner=norrvik)
    client = as_(client, nora)

    def names(query):
        page = client.get(reverse("partners:list") + query).content.decode().split("<tbody>")[1]
        found = ["Bluepine", "Calder", "Norrvik Systems"]
        return sorted(found, key=lambda name: page.index(f">{name}</a>"))

    assert names("") == names("?sort=name") == names("?sort=nonsense")
    assert names("?sort=-name") == ["Norrvik Systems", "Calder", "Bluepine"]
    assert names("?sort=-open") == ["Bluepine", "Norrvik Systems", "Calder"]
    assert names("?sort=open") == ["Norrvik Systems", "Bluepine", "Calder"]  # without a figure: last
    assert names("?sort=-last") == ["Norrvik Systems", "Bluepine", "Calder"]
    for key in ("sourced", "influenced", "win_rate", "cycle"):
        assert names(f"?sort=-{key}") == ["Bluepine", "Calder", "Norrvik Systems"]
    head = client.get(reverse("partners:list") + "?sort=-open&q=e").content.decode()
    assert 'aria-sort="descending"' in head
    assert "q=e&amp;sort=open" in head or "sort=open&amp;q=e" in head


def test_sorting_by_a_figure_takes_as_many_queries_for_fifty_as_for_one(
    client, nora, ana, norrvik, django_assert_max_num_queries
):
    client, url = as_(client, nora), reverse("partners:list") + "?sort=-sourced"
    OpportunityFactory(owner=ana, partner_manager=nora, partners=[(norrvik, SOURCED)])
    ActionFactory(actor=nora, partner=norrvik)
    one = queries(client, url, django_assert_max_num_queries, 28)
    for _number in range(49):
        partner = PartnerFactory(managers=[nora])
        OpportunityFactory(owner=ana, partner_manager=nora, partners=[(partner, SOURCED)])
    assert queries(client, url, django_assert_max_num_queries, 28) == one

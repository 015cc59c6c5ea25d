"""People and teams as an administrator keeps them."""

from datetime import UTC, date, datetime

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.mail import OutgoingMail
from accounts.models import Absence, Membership, Role, RoleGrant, Team, User
from audit.models import Entry
from tests.factories import LONG_AGO, AdminFactory, AEFactory, LeaderFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_september(time_machine, settings):
    time_machine.move_to(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False)
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"


@pytest.fixture
def admin(client):
    admin = AdminFactory(name="Elif Maes")
    client.force_login(admin)
    return admin


def new_person(client, **changes):
    sent = {
        "name": "Noor Haddad",
        "email": "Noor@Fieldstone.example",
        "roles": ["account_executive"],
        "team": "",
        "starts_on": "2026-09-01",
        "time_zone": "Europe/Amsterdam",
        "locale": "en",
        "invite": "on",
        **changes,
    }
    return client.post(reverse("settings:person_new"), sent)


def test_new_person_has_roles_team_and_a_letter(client, admin):
    team = TeamFactory()
    assert new_person(client, team=team.pk).status_code == 302
    noor = User.objects.get(name="Noor Haddad")
    assert noor.email == "noor@fieldstone.example"
    assert noor.roles == {Role.ACCOUNT_EXECUTIVE}
    assert noor.memberships.get().starts_on == date(2026, 9, 1)
    assert OutgoingMail.objects.get().recipients == ["noor@fieldstone.example"]
    assert not EmailAddress.objects.get(user=noor).verified


def test_person_without_address_is_known_by_name(client, admin):
    assert new_person(client, email="").status_code == 302
    noor = User.objects.get(name="Noor Haddad")
    assert noor.email is None
    assert not OutgoingMail.objects.exists()
    assert "Known by name" in client.get(reverse("settings:person", args=[noor.pk])).content.decode()


def test_address_in_use_is_refused_and_nothing_is_made(client, admin):
    UserFactory(email="noor@fieldstone.example")
    response = new_person(client)
    assert response.status_code == 422
    assert 'value="Noor Haddad"' in response.content.decode()
    assert not User.objects.filter(name="Noor Haddad").exists()


def test_new_address_reaches_the_sign_in_unverified(client, admin):
    ana = UserFactory(name="Ana", email="ana@old.example")
    EmailAddress.objects.create(user=ana, email=ana.email, primary=True, verified=True)
    sent = {"name": "Ana Kovač", "email": "ana@new.example", "time_zone": "UTC", "locale": "de"}
    assert client.post(reverse("settings:person_edit", args=[ana.pk]), sent).status_code == 302
    ana = User.objects.get(pk=ana.pk)
    assert (ana.name, ana.email, ana.locale) == ("Ana Kovač", "ana@new.example", "de")
    rows = EmailAddress.objects.filter(user=ana).values_list("email", "primary", "verified")
    assert list(rows) == [("ana@new.example", True, False)]


def test_roles_hold_from_their_day_and_the_earlier_ones_stay(client, admin):
    ana = AEFactory()
    sent = {"roles": ["partner_manager"], "starts_on": "2026-10-01"}
    assert client.post(reverse("settings:person_roles", args=[ana.pk]), sent).status_code == 302
    grants = RoleGrant.objects.filter(user=ana).order_by("starts_on")
    assert [(one.role, one.starts_on, one.ends_on) for one in grants] == [
        ("account_executive", LONG_AGO, date(2026, 10, 1)),
        ("partner_manager", date(2026, 10, 1), None),
    ]


def test_somebody_remains_administrator(client, admin):
    sent = {"roles": ["leader"], "starts_on": "2026-09-15"}
    path = reverse("settings:person_roles", args=[admin.pk])
    response = client.post(path, sent)
    assert response.status_code == 422
    assert "Nobody else is administrator" in response.content.decode()
    AdminFactory()
    assert client.post(path, sent).status_code == 302


def test_moving_to_another_team_keeps_where_it_happened(client, admin):
    ana, north, south = AEFactory(), TeamFactory(name="North"), TeamFactory(name="South")
    Membership.objects.create(user=ana, team=north, starts_on=LONG_AGO)
    sent = {"team": south.pk, "starts_on": "2026-09-10"}
    assert client.post(reverse("settings:person_team", args=[ana.pk]), sent).status_code == 302
    rows = ana.memberships.order_by("starts_on").values_list("team__name", "starts_on", "ends_on")
    assert list(rows) == [("North", LONG_AGO, date(2026, 9, 10)), ("South", date(2026, 9, 10), None)]
    early = {"team": north.pk, "starts_on": "2026-01-01"}
    refused = client.post(reverse("settings:person_team", args=[ana.pk]), early)
    assert "joined another team after that date" in refused.content.decode()


def test_deactivated_person_is_out_at_once_and_comes_back(client, admin):
    ana = AEFactory()
    theirs = type(client)()
    theirs.force_login(ana)
    client.post(reverse("settings:person_leave", args=[ana.pk]))
    assert theirs.get("/profile/").status_code == 302
    client.post(reverse("settings:person_return", args=[ana.pk]))
    assert User.objects.get(pk=ana.pk).is_active


def test_nobody_deactivates_themselves(client, admin):
    AdminFactory()
    refused = client.post(reverse("settings:person_leave", args=[admin.pk]))
    assert refused.status_code == 422
    assert "Nobody deactivates themselves" in refused.content.decode()
    assert User.objects.get(pk=admin.pk).is_active


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "kov ana"}, ["Ana Kovač"]),
        ({"q": "BORIS@"}, ["Boris Ito"]),
        ({"q": "nobody"}, []),
        ({"q": "\0", "state": "inactive", "page": "many"}, ["Cleo Left"]),
        ({"state": "inactive"}, ["Cleo Left"]),
        ({"state": "named"}, ["Dora Named"]),
        ({"state": "active"}, ["Ana Kovač", "Boris Ito", "Elif Maes"]),
        ({"state": "nonsense", "q": "dora"}, ["Dora Named"]),
    ],
)
def test_people_are_found_by_name_address_and_state(client, admin, query, found):
    UserFactory(name="Ana Kovač")
    UserFactory(name="Boris Ito", email="boris@fieldstone.example")
    UserFactory(name="Cleo Left", is_active=False)
    dora = UserFactory(name="Dora Named", email=None)
    dora.set_unusable_password()
    dora.save()
    lines = client.get(reverse("settings:people"), query).context["lines"]
    assert [line.person.name for line in lines] == found


def test_fifty_people_take_as_many_queries_as_one(client, admin, django_assert_max_num_queries):
    for _number in range(60):
        Membership.objects.create(user=AEFactory(), team=TeamFactory(), starts_on=LONG_AGO)
    client.get(reverse("settings:people"))
    with django_assert_max_num_queries(13):
        response = client.get(reverse("settings:people"))
    assert len(response.context["lines"]) == 50
    assert response.context["lines"][1].roles == ["Account executive"]
    assert "Page 1 of 2" in response.content.decode()


class TestTeams:
    def test_tree_shows_who_leads_and_how_many_belong(self, client, admin):
        top = TeamFactory(name="Sales", leaders=[LeaderFactory(name="Oskar Weiss")])
        TeamFactory(name="North", parent=top, members=[AEFactory(), AEFactory()])
        branches = client.get(reverse("settings:teams")).context["branches"]
        assert [(one.team.name, one.depth, one.members) for one in branches] == [
            ("Sales", 0, 0),
            ("North", 1, 2),
        ]

    def test_team_is_not_part_of_itself(self, client, admin):
        top = TeamFactory(name="Sales")
        below = TeamFactory(name="North", parent=top)
        sent = {"name": "Sales", "kind": "sales", "parent": below.pk}
        assert client.post(reverse("settings:team_edit", args=[top.pk]), sent).status_code == 422
        assert Team.objects.get(pk=top.pk).parent is None

    def test_leaders_are_chosen_among_leaders_and_written_down(self, client, admin):
        leader, other = LeaderFactory(), AEFactory()
        team = TeamFactory(name="North")
        path = reverse("settings:team_edit", args=[team.pk])
        refused = client.post(path, {"name": "North", "kind": "sales", "parent": "", "leaders": [other.pk]})
        assert refused.status_code == 422
        client.post(path, {"name": "North", "kind": "sales", "parent": "", "leaders": [leader.pk]})
        assert list(team.leaders.all()) == [leader]
        entry = Entry.objects.get(act="leader_added", object_id=str(team.pk))
        assert (entry.actor_id, entry.person_id) == (admin.pk, leader.pk)

    def test_team_with_people_is_not_retired(self, client, admin):
        team = TeamFactory(members=[AEFactory()])
        path = reverse("settings:team_toggle", args=[team.pk])
        assert "People belong to this team" in client.post(path, follow=True).content.decode()
        Membership.objects.update(ends_on=date(2026, 9, 1))
        client.post(path)
        assert not Team.objects.get(pk=team.pk).is_active

    def test_joining_from_a_day_on(self, client, admin):
        team, ana = TeamFactory(), AEFactory()
        sent = {"person": ana.pk, "starts_on": "2026-10-01"}
        assert client.post(reverse("settings:team_join", args=[team.pk]), sent).status_code == 302
        assert ana.memberships.get().starts_on == date(2026, 10, 1)


class TestProfile:
    def test_person_changes_name_zone_and_language(self, client):
        ana = AEFactory()
        client.force_login(ana)
        client.post("/profile/", {"name": "Ana K.", "time_zone": "Asia/Tokyo", "locale": "es"})
        ana = User.objects.get(pk=ana.pk)
        assert (ana.name, ana.time_zone, ana.locale) == ("Ana K.", "Asia/Tokyo", "es")

    def test_refused_profile_keeps_what_was_typed(self, client):
        client.force_login(AEFactory())
        response = client.post("/profile/", {"name": "Ana K.", "time_zone": "Mars/Base", "locale": "en"})
        assert response.status_code == 422
        assert 'value="Ana K."' in response.content.decode()

    def test_absence_is_typed_with_both_days_and_kept_half_open(self, client):
        ana = AEFactory()
        client.force_login(ana)
        path = reverse("accounts:absence_new", args=[ana.pk])
        assert client.post(path, {"starts_on": "2026-10-05", "last_day": "2026-10-09"}).status_code == 302
        absence = Absence.objects.get()
        assert (absence.starts_on, absence.ends_on) == (date(2026, 10, 5), date(2026, 10, 10))
        assert client.post(path, {"starts_on": "2026-10-05", "last_day": "9999-12-31"}).status_code == 422
        refused = client.post(path, {"starts_on": "2026-10-05", "last_day": "2026-10-04"})
        assert "The last day cannot lie before the first." in refused.content.decode()
        assert "5 Oct 2026 – 9 Oct 2026" in client.get("/profile/").content.decode()

    def test_it_names_who_sees_the_scores_and_since_when(self, client):
        admin, lead, chief = (
            AdminFactory(name="Elif"),
            LeaderFactory(name="Oskar"),
            LeaderFactory(name="Vera"),
        )
        LeaderFactory(name="Stranger")
        ana = AEFactory(name="Ana")
        top = TeamFactory(name="Sales", leaders=[chief])
        north = TeamFactory(name="North", parent=top, leaders=[lead])
        Membership.objects.create(user=ana, team=north, starts_on=date(2026, 3, 2))
        client.force_login(ana)
        onlookers = client.get("/profile/").context["onlookers"]
        named = [(one.user, one.team, one.since) for one in onlookers]
        assert named == [
            (admin, None, LONG_AGO),
            (lead, north, date(2026, 3, 2)),
            (chief, top, date(2026, 3, 2)),
        ]
        for one in onlookers:
            assert User.objects.scores_visible_to(one.user).filter(pk=ana.pk).exists()

    def test_leader_finds_the_people_they_lead_with_what_is_to_come(self, client):
        lead, ana = LeaderFactory(name="Oskar"), AEFactory(name="Ana")
        AEFactory(name="Somebody else")
        TeamFactory(leaders=[lead], members=[ana])
        Absence.objects.create(user=ana, starts_on=date(2026, 1, 5), ends_on=date(2026, 1, 10))
        Absence.objects.create(user=ana, starts_on=date(2026, 10, 5), ends_on=date(2026, 10, 10))
        client.force_login(lead)
        response = client.get("/profile/")
        assert [one.name for one in response.context["led"]] == ["Ana"]
        page = response.content.decode()
        assert "5 Oct – 9 Oct" in page
        assert "5 Jan" not in page

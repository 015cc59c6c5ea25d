"""The audit log: what is written, in whose transaction, that nothing can change it, and its page."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import RoleGrant, Team, User
from accounts.services.people import change_roles
from apr.models import Action, PointRule
from apr.services.actions import void_action
from audit.chain import seal, verify
from audit.context import network_of
from audit.models import Entry, Head, Kind, Seal, Unsealed
from audit.recording import record
from audit.triggers import PREFIX, install, missing_triggers
from exchange.api.tokens import issue_token, revoke_token
from foundation.triggers import drop, installed
from opportunities.models import Capacity
from opportunities.services.people import assign
from tests.factories import (
    PASSWORD,
    ActionFactory,
    AdminFactory,
    AEFactory,
    OpportunityFactory,
    PMFactory,
    TeamFactory,
    UserFactory,
    action_type,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    person = AdminFactory(name="Ada Admin")
    client.force_login(person)
    return person


def latest(**about):
    return Entry.objects.filter(**about).latest("pk")


def everything_written():
    return json.dumps([entry.facts for entry in Entry.objects.all()])


class TestWhatIsWritten:
    def test_sign_in_failure_and_sign_out(self, client):
        ana = AEFactory(email="ana@fieldstone.example")
        path, ip = reverse("account_login"), "203.0.113.77"
        client.post(path, {"login": ana.email, "password": "wrong-wrong-wrong"}, REMOTE_ADDR=ip)
        failed = latest(kind=Kind.SIGN_IN)
        assert (failed.act, failed.actor_id, failed.person_id) == ("sign_in_failed", None, ana.pk)
        client.post(path, {"login": ana.email, "password": PASSWORD}, REMOTE_ADDR=ip)
        signed_in = latest(kind=Kind.SIGN_IN)
        assert (signed_in.act, signed_in.actor_id, signed_in.via) == ("signed_in", ana.pk, "page")
        assert signed_in.network == "outside 203.0.113.0/24"
        client.post(reverse("account_logout"))
        assert latest(kind=Kind.SIGN_IN).act == "signed_out"
        written = everything_written()
        for secret in (ip, "wrong-wrong-wrong", PASSWORD, ana.email):
            assert secret not in written

    def test_an_address_that_nobody_has_is_not_kept(self, client):
        client.post(reverse("account_login"), {"login": "who@else.example", "password": "guess-guess"})
        assert latest(kind=Kind.SIGN_IN).act == "sign_in_failed"
        assert "who@else.example" not in everything_written()

    def test_roles_with_who_gave_them(self, client, admin):
        ana = AEFactory()
        path = reverse("settings:person_roles", args=[ana.pk])
        client.post(path, {"roles": ["leader"], "starts_on": "2026-09-01"})
        gone, given = Entry.objects.filter(person_id=ana.pk, object_type="accounts.rolegrant").order_by("pk")[
            1:
        ]
        assert (given.act, given.label, given.actor_id) == ("added", "Leader", admin.pk)
        assert given.after["starts_on"] == "2026-09-01"
        assert (gone.act, gone.before["ends_on"], gone.after["ends_on"]) == ("changed", None, "2026-09-01")

    def test_a_person_without_their_name(self, client, admin):
        noor = UserFactory(name="Noor Haddad")
        sent = {"name": "Noor Canary", "email": "canary@x.example", "time_zone": "UTC", "locale": "de"}
        client.post(reverse("settings:person_edit", args=[noor.pk]), sent)
        changes = Entry.objects.filter(object_type="accounts.user", object_id=str(noor.pk), act="changed")
        assert {name for entry in changes for name in entry.after} == {"name", "email", "locale"}
        assert "anary" not in everything_written()
        assert "Noor" not in everything_written()

    def test_teams_and_leaders(self, client, admin):
        north, lea = TeamFactory(name="North"), AdminFactory()
        lea.led_teams.add(north)
        north.leaders.clear()
        acts = Entry.objects.filter(person_id=lea.pk, object_type="accounts.team").order_by("pk")
        assert [(one.act, one.label) for one in acts] == [
            ("leader_added", "North"),
            ("leader_removed", "North"),
        ]
        Team.objects.filter(pk=north.pk).delete()
        assert latest(object_type="accounts.team").act == "removed"

    def test_invitations_and_tokens_without_their_secrets(self, client, admin):
        noor = UserFactory(password=None)
        User.objects.filter(pk=noor.pk).update(password="!x")
        client.post(reverse("settings:person_invite", args=[noor.pk]), {"email": "noor@x.example"})
        assert latest(object_type="accounts.invitation").act == "added"
        client.post(reverse("settings:person_withdraw", args=[noor.pk]))
        assert set(latest(object_type="accounts.invitation").after) == {"revoked_at"}
        token, secret = issue_token(by=admin, name="nightly sync")
        revoke_token(token=token)
        made, ended = Entry.objects.filter(object_type="exchange.apitoken").order_by("pk")
        assert (made.act, made.label, ended.act) == ("added", "nightly sync", "changed")
        assert secret[:8] not in everything_written()
        assert token.token_hash not in everything_written()

    def test_point_rules_with_before_and_after(self, client, admin):
        kind = action_type("call_to")
        path, day = reverse("settings:point_rule_new"), timezone.localdate() + timedelta(days=9)
        sent = {"action_type": kind.pk, "points": 4, "daily_cap": "", "effective_from": day.isoformat()}
        assert client.post(path, sent).status_code == 302
        assert client.post(path, {**sent, "points": 5}).status_code == 302
        changed = latest(object_type="apr.pointrule")
        assert (changed.act, changed.actor_id) == ("changed", admin.pk)
        assert (changed.before, changed.after) == ({"points": 4}, {"points": 5})
        client.post(reverse("settings:point_rule_withdraw", args=[PointRule.objects.latest("pk").pk]))
        assert latest(object_type="apr.pointrule").act == "removed"

    def test_organisation_and_calendar(self, client, admin):
        path = reverse("settings:calendar_country")
        assert client.post(path, {"country": "DE", "subdivision": "BY"}).status_code == 302
        applied = latest(act="calendar_applied")
        assert (applied.actor_id, applied.after["country"]) == (admin.pk, "DE")
        assert latest(object_type="accounts.organisation", act="changed").after["holiday_country"] == "DE"

    def test_who_is_on_a_deal(self):
        ana, ben = AEFactory(), AEFactory()
        deal = OpportunityFactory(owner=ana, name="Acme renewal")
        assert not Entry.objects.filter(kind=Kind.ASSIGNMENT).exists()
        assign(opportunity_id=deal.pk, capacity=Capacity.ACCOUNT_EXECUTIVE, person=ben, by=ana)
        entry = latest(kind=Kind.ASSIGNMENT)
        assert (entry.label, entry.person_id, entry.actor_id) == ("Acme renewal", ben.pk, ana.pk)
        assert entry.before == {"account_executive": f"person:{ana.pk}"}
        assert entry.after == {"account_executive": f"person:{ben.pk}"}

    def test_voids_without_notes(self):
        action = ActionFactory(notes="a canary sang")
        void_action(action_id=action.pk, by=action.actor, reason="the canary was wrong")
        entry = latest(kind=Kind.VOID)
        assert (entry.act, entry.person_id) == ("voided", action.actor_id)
        assert "canary" not in everything_written()

    def test_exports(self, tmp_path):
        OpportunityFactory()
        call_command("export_csv", "opportunities", out=tmp_path / "deals.csv", stdout=StringIO())
        entry = latest(kind=Kind.EXPORT)
        assert (entry.label, entry.after, entry.via) == ("opportunities", {"rows": 1}, "system")

    def test_programs_act_for_their_person(self, client):
        ada, ana = AdminFactory(), AEFactory()
        secret = issue_token(by=ada, name="sync")[1]
        answer = client.patch(
            f"/api/v1/users/{ana.pk}/",
            {"roles": ["leader"]},
            content_type="application/json",
            HTTP_AUTHORIZATION=f"Bearer {secret}",
        )
        assert answer.status_code == 200, answer.content
        assert set(Entry.objects.filter(via="token").values_list("actor_id", flat=True)) == {ada.pk}
        assert latest(person_id=ana.pk).via == "token"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("127.0.0.1", "this machine"),
        ("10.1.2.3", "inside 10.1.2.0/24"),
        ("203.0.113.9", "outside 203.0.113.0/24"),
        ("2a00:1450:4001:82b::200e", "outside 2a00:1450:4001::/48"),
        ("nonsense", "unknown"),
    ],
)
def test_of_an_address_only_the_network_is_kept(address, network):
    assert network_of(address) == network


class TestOneTransaction:
    def test_what_is_taken_back_leaves_no_entry(self):
        ana = AEFactory()
        before = Entry.objects.count()
        with transaction.atomic():
            change_roles(person=ana, roles={"leader"}, starts_on=date(2026, 9, 1))
            assert Entry.objects.count() > before
            transaction.set_rollback(True)
        assert Entry.objects.count() == before

    def test_a_row_whose_entry_cannot_be_written_is_not_written(self, monkeypatch):
        ana = AEFactory()

        def broken(*_args, **_kwargs):
            raise DatabaseError("disk full")

        monkeypatch.setattr("audit.recorded.record", broken)
        with pytest.raises(DatabaseError), transaction.atomic():
            RoleGrant.objects.create(user=ana, role="admin", starts_on=date(2026, 9, 1))
        assert not ana.role_grants.filter(role="admin").exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_saved_outside_a_transaction_falls_with_its_entry(monkeypatch):
    ana = AEFactory()

    def broken(*_args, **_kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr("audit.recorded.record", broken)
    with pytest.raises(DatabaseError):
        RoleGrant.objects.create(user=ana, role="admin", starts_on=date(2026, 9, 1))
    with pytest.raises(DatabaseError):
        ana.role_grants.all()[0].delete()
    assert [grant.role for grant in ana.role_grants.all()] == ["account_executive"]


@pytest.mark.django_db(transaction=True)
def test_entries_have_their_place_as_soon_as_they_are_committed():
    AEFactory()
    assert not Unsealed.objects.exists()
    assert Seal.objects.count() == Entry.objects.count() > 0
    assert verify().faults == []


class TestKeptAsWritten:
    @pytest.fixture(autouse=True)
    def chain(self):
        for number in range(5):
            record(Kind.EXPORT, "exported", label=f"file {number}")
        seal()

    def execute(self, sql, *values):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE audit_entry SET label = 'nothing'",
            "DELETE FROM audit_entry",
            "UPDATE audit_seal SET hash = 'x'",
            "DELETE FROM audit_seal WHERE number = 2",
        ],
    )
    def test_the_database_refuses(self, sql):
        before = everything_written()
        with pytest.raises(DatabaseError, match="only ever added to"):
            self.execute(sql)
        assert everything_written() == before
        assert verify().faults == []

    def test_postgresql_refuses_to_truncate(self):
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has no TRUNCATE")
        with pytest.raises(DatabaseError, match="only ever added to"):
            self.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE audit_entry CASCADE")

    @pytest.fixture
    def unguarded(self):
        """Somebody with the rights of the database's owner took the triggers away."""
        for name, table in installed(PREFIX).items():
            drop(name, table)

    def test_a_changed_entry_is_found(self, unguarded):
        entry = Seal.objects.get(number=3).entry
        self.execute("UPDATE audit_entry SET label = 'x' WHERE id = %s", entry.pk)
        [fault] = verify().faults
        assert str(fault) == f"place 3: entry {entry.pk} or its hash was changed"

    def test_a_later_time_is_found(self, unguarded):
        entry = Seal.objects.get(number=2).entry
        self.execute("UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE id = %s", entry.pk)
        assert [fault.number for fault in verify().faults] == [2]

    def test_a_changed_hash_breaks_the_chain_there_and_behind(self, unguarded):
        self.execute("UPDATE audit_seal SET hash = 'x' WHERE number = 3")
        assert [fault.number for fault in verify().faults] == [3, 4]

    def test_an_entry_that_was_taken_out_is_found(self, unguarded):
        entry = Seal.objects.get(number=4).entry
        self.execute("DELETE FROM audit_seal WHERE number = 4")
        self.execute("DELETE FROM audit_entry WHERE id = %s", entry.pk)
        assert [str(fault) for fault in verify().faults] == ["place 4: missing; the next place is 5"]

    def test_an_end_that_was_cut_off_is_found(self, unguarded):
        end = Head.objects.get()
        self.execute("DELETE FROM audit_seal WHERE number = %s", end.number)
        [ends, outside] = verify().faults
        assert f"ought to end at {end.number}" in ends.words
        assert outside.words == "stands outside the chain"

    def test_an_entry_written_past_the_chain_is_found(self, unguarded):
        entry = record(Kind.EXPORT, "exported")
        Unsealed.objects.all().delete()
        assert [(fault.entry_id, fault.words) for fault in verify().faults] == [
            (entry.pk, "stands outside the chain")
        ]

    def test_a_chain_written_anew_differs_from_what_was_noted(self, unguarded):
        noted = Head.objects.get()
        install()
        call_command("verify_audit", expect=(noted.number, noted.hash), stdout=StringIO())
        for name, table in installed(PREFIX).items():
            drop(name, table)
        self.execute("DELETE FROM audit_seal")
        Head.objects.all().delete()
        entry = Entry.objects.earliest("pk")
        self.execute("UPDATE audit_entry SET label = 'rewritten' WHERE id = %s", entry.pk)
        Unsealed.objects.bulk_create(Unsealed(entry=one) for one in Entry.objects.all())
        seal()
        install()
        assert verify().faults == []
        with pytest.raises(CommandError):
            call_command("verify_audit", expect=(noted.number, noted.hash))

    def test_the_command_says_where(self, unguarded, capsys):
        self.execute("UPDATE audit_seal SET hash = 'x' WHERE number = 5")
        with pytest.raises(CommandError, match="does not hold"):
            call_command("verify_audit")
        said = capsys.readouterr().err
        assert "place 5: entry" in said
        assert f"trigger {PREFIX}" in said

    def test_the_triggers_come_back_with_migrate(self, unguarded):
        assert missing_triggers()
        install()
        assert missing_triggers() == []

    def test_health_tells_of_missing_triggers(self, client, admin, unguarded):
        [check] = [one for one in client.get("/health/").json()["checks"] if one["name"] == "audit"]
        assert check["ok"] is False
        assert check["figures"]["missing_triggers"] == missing_triggers()


class TestPage:
    @pytest.fixture
    def entries(self, admin):
        ana = PMFactory(name="Ana Kovač")
        deal = OpportunityFactory(name="Acme renewal", owner=ana)
        assign(opportunity_id=deal.pk, capacity=Capacity.ACCOUNT_EXECUTIVE, person=None, by=admin)
        record(Kind.EXPORT, "exported", label="=cmd()|'evil'", by=ana.pk)
        return ana

    def page(self, client, **query):
        answer = client.get(reverse("settings:audit"), query)
        assert answer.status_code == 200
        return answer.content.decode()

    def test_finds_by_person_kind_object_and_day(self, client, entries):
        assert "Deal handed over" in self.page(client)
        assert "=cmd()" in self.page(client, person="Ana")
        assert "Deal handed over" not in self.page(client, kind="export")
        assert "=cmd()" not in self.page(client, object="acme")
        assert "Deal handed over" in self.page(client, object="acme")
        assert "Nothing is found" in self.page(client, until="2020-01-01")
        assert "Nothing is found" in self.page(client, person="Nobody at all")

    def test_says_what_cannot_be_understood_and_keeps_it(self, client, entries):
        shown = self.page(client, since="yesterday", person="Ana")
        assert "Enter a valid date" in shown
        assert 'value="Ana"' in shown

    def test_goes_on_behind_an_entry(self, client, admin):
        for number in range(120):
            record(Kind.EXPORT, "exported", label=f"file-{number:03}")
        seen, path, pages = set(), reverse("settings:audit") + "?kind=export", 0
        while path:
            answer = client.get(path)
            shown = {
                label for number in range(120) if (label := f"file-{number:03}") in answer.content.decode()
            }
            assert not seen & shown
            seen |= shown
            pages += 1
            path = answer.context["older_url"]
        assert (len(seen), pages) == (120, 3)

    def test_few_queries_for_many_entries(self, client, entries, django_assert_max_num_queries):
        for _ in range(60):
            record(Kind.RIGHTS, "changed", person=AEFactory().pk, after={"owner": f"person:{AEFactory().pk}"})
        with django_assert_max_num_queries(8):
            self.page(client)

    def test_download_has_the_same_rows_and_no_formula(self, client, admin, entries):
        seal()
        answer = client.post(reverse("settings:audit_export"), {"kind": "export"})
        lines = b"".join(answer.streaming_content).decode().splitlines()
        assert lines[0].startswith("id,at,kind,act,actor,")
        assert len(lines) == 1 + Entry.objects.filter(kind="export").count()
        assert any(",'=cmd()|'evil'," in line and ",Ana Kovač," in line for line in lines)
        own = latest(kind=Kind.EXPORT)
        assert (own.label, own.actor_id, own.after["kind"]) == ("audit", admin.pk, "export")


def test_what_waits_is_sealed_by_the_tick():
    action = ActionFactory()
    void_action(action_id=action.pk, by=action.actor)
    assert Unsealed.objects.exists()
    assert Action.objects.get().is_voided
    seal()
    assert not Unsealed.objects.exists()

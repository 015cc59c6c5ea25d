"""The notification centre, its bell, and the pages on which people and administrators choose."""

import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apr.models import Channel, Notification, NotificationChoice, NudgeKind, NudgeRules
from apr.tasks import nudge
from tests.apr.pages import words
from tests.factories import AEFactory, CommitmentFactory


@pytest.fixture
def told_of(cast):
    """Ana promised Nora three things by tomorrow: both have three notifications."""
    for what in ("Send the offer", "Book the demo", "Name the signatory"):
        CommitmentFactory(
            opportunity=cast.deal, made_by=cast.ana, made_to=cast.nora, text=what, due_on=date(2026, 9, 16)
        )
    nudge()
    return cast


@pytest.fixture
def as_nora(client, told_of):
    client.force_login(told_of.nora)
    return client


def first(person):
    return Notification.objects.filter(person=person).first()


def bell(response):
    found = re.search(r'id="bell".*?aria-label="([^"]*)"', response.content.decode())
    return found[1] if found else None


def test_the_bell_counts_what_is_unread_on_every_page(as_nora, told_of):
    assert bell(as_nora.get("/partners/")) == "Notifications, 3 unread"
    as_nora.post(f"/notifications/{first(told_of.nora).pk}/read/")
    assert bell(as_nora.get("/partners/")) == "Notifications, 2 unread"
    as_nora.post("/notifications/read/", {"show": "unread"})
    assert bell(as_nora.get("/partners/")) == "Notifications"


def test_the_bell_costs_one_query(as_nora):
    with CaptureQueriesContext(connection) as captured:
        as_nora.get("/profile/tokens/")
    assert sum("apr_notification" in query["sql"] for query in captured) == 1


def test_the_page_says_what_why_whom_and_what_to_do(as_nora):
    said = words(as_nora.get("/notifications/"))
    assert "3 things need you." in said
    assert "Ana Kovač promised Nora Lindqvist by Wed 16 Sep: Book the demo" in said
    assert "If the date cannot hold, move it before it has passed." in said
    assert "Acme renewal · Told to Nora Lindqvist and Ana Kovač" in said
    assert said.count("Open the promise") == 3


def test_one_press_puts_one_aside_and_back(as_nora, told_of):
    row = first(told_of.nora)
    answer = as_nora.post(f"/notifications/{row.pk}/read/", {"next": "/notifications/?show=all"})
    assert answer["Location"] == "/notifications/?show=all"
    assert "2 things need you." in words(as_nora.get("/notifications/"))
    as_nora.post(f"/notifications/{row.pk}/read/", {"read": "no"})
    assert "3 things need you." in words(as_nora.get("/notifications/"))


def test_one_press_opens_the_deal_and_puts_it_aside(as_nora, told_of):
    row = first(told_of.nora)
    answer = as_nora.post(f"/notifications/{row.pk}/follow/")
    assert answer["Location"] == f"/opportunities/{told_of.deal.pk}/#promises"
    row.refresh_from_db()
    assert row.read_at is not None


def test_looking_changes_nothing(as_nora, told_of):
    before = list(Notification.objects.values())
    as_nora.get("/notifications/")
    row = first(told_of.nora)
    for path in (
        f"/notifications/{row.pk}/read/",
        f"/notifications/{row.pk}/follow/",
        "/notifications/read/",
    ):
        assert as_nora.get(path).status_code == 405
    assert list(Notification.objects.values()) == before


def test_filters_show_unread_open_and_all_of_a_kind(as_nora, told_of):
    rows = list(Notification.objects.filter(person=told_of.nora).order_by("pk"))
    Notification.objects.filter(pk=rows[0].pk).update(read_at=datetime(2026, 9, 15, 12, tzinfo=UTC))
    Notification.objects.filter(pk=rows[1].pk).update(closed_at=datetime(2026, 9, 15, 12, tzinfo=UTC))

    def count(query):
        return as_nora.get(f"/notifications/{query}").content.decode().count('class="todo notice-line')

    assert [count(q) for q in ("", "?show=open", "?show=all", "?show=nonsense")] == [1, 2, 3, 1]
    assert [count(f"?show=all&kind={kind}") for kind in ("promise_due", "target", "nonsense")] == [3, 0, 3]
    assert "settled 15 Sep" in words(as_nora.get("/notifications/?show=all"))
    assert "Nothing of this kind." in words(as_nora.get("/notifications/?show=all&kind=target"))


def test_mark_all_read_takes_only_what_the_filter_shows(as_nora, told_of):
    as_nora.post("/notifications/read/", {"show": "unread", "kind": "target"})
    assert Notification.objects.filter(read_at__isnull=False).count() == 0
    as_nora.post("/notifications/read/", {"show": "unread", "kind": "promise_due"})
    assert Notification.objects.filter(person=told_of.nora, read_at__isnull=False).count() == 3
    assert Notification.objects.filter(person=told_of.ana, read_at__isnull=False).count() == 0


def test_nobody_reads_or_moves_what_others_were_told(client, told_of):
    row = first(told_of.nora)
    for person in (told_of.ana, told_of.stella, told_of.priya, told_of.admin):
        client.force_login(person)
        assert client.post(f"/notifications/{row.pk}/read/").status_code == 404
        assert client.post(f"/notifications/{row.pk}/follow/").status_code == 404
    client.force_login(told_of.admin)
    assert "Nothing new needs you." in words(client.get("/notifications/?show=all"))
    client.logout()
    assert client.get("/notifications/")["Location"].startswith("/accounts/login/")
    row.refresh_from_db()
    assert row.read_at is None


def test_pages_follow_one_another_without_gap_or_double(client, told_of):
    told_of.deal.commitments.all().delete()
    nudge()
    for number in range(120):
        CommitmentFactory(
            opportunity=told_of.deal, made_by=told_of.ana, text=f"No. {number}", due_on=date(2026, 9, 16)
        )
    nudge()
    client.force_login(told_of.nora)
    seen, path = [], "/notifications/"
    while path:
        page = client.get(path).content.decode()
        seen += re.findall(r"No\. \d+(?=</h3>)", page)
        following = re.search(r'href="([^"]*)" rel="next"', page)
        path = f"/notifications/{following[1]}".replace("&amp;", "&") if following else ""
        if following:
            CommitmentFactory(opportunity=told_of.deal, made_by=told_of.ana, due_on=date(2026, 9, 16))
            nudge()  # something new comes in between
    assert len(seen) == len(set(seen)) == 120


def test_the_list_has_a_budget(client, told_of):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/notifications/?show=all").status_code == 200
        return len(captured)

    client.force_login(told_of.nora)
    few = queries()
    for _ in range(20):
        CommitmentFactory(opportunity=told_of.deal, made_by=AEFactory(), due_on=date(2026, 9, 16))
    nudge()
    assert queries() == few <= 10


def test_both_read_the_same_in_their_own_language(client, told_of):
    told_of.nora.locale = "de"
    told_of.nora.save()
    client.force_login(told_of.nora)
    assert "Mi., 16. Sept." in words(client.get("/notifications/"))
    client.force_login(told_of.ana)
    assert "Wed 16 Sep" in words(client.get("/notifications/"))


class TestChoosing:
    def test_one_chooses_for_each_kind_and_the_hour(self, client, cast):
        client.force_login(cast.nora)
        kinds = {f"kind_{kind}": "site" for kind in NudgeKind}
        kinds["kind_confirm"] = "now"
        answer = client.post("/profile/notifications/", {**kinds, "digest": "weekly", "hour": "17"})
        assert answer.status_code == 302
        choice = NotificationChoice.objects.get(person=cast.nora)
        assert (choice.digest, choice.hour) == ("weekly", 17)
        assert choice.channel("confirm") == Channel.NOW
        assert choice.channel("target") == Channel.SITE
        assert choice.team_digest  # not asked, so left as it was

    def test_a_leader_is_asked_about_the_figures_of_the_team(self, client, cast):
        client.force_login(cast.priya)
        assert "My teams’ figures once a week" in words(client.get("/profile/notifications/"))
        kinds = {f"kind_{kind}": "digest" for kind in NudgeKind}
        client.post("/profile/notifications/", {**kinds, "digest": "daily", "hour": "8"})
        assert not NotificationChoice.objects.get(person=cast.priya).team_digest

    @pytest.mark.parametrize(
        "wrong", [{"hour": "24"}, {"digest": "hourly"}, {"kind_confirm": "pigeon"}, {"hour": ""}]
    )
    def test_nonsense_is_refused_at_its_place_and_keeps_the_rest(self, client, cast, wrong):
        client.force_login(cast.nora)
        kinds = {f"kind_{kind}": "site" for kind in NudgeKind}
        answer = client.post("/profile/notifications/", {**kinds, "digest": "weekly", "hour": "9", **wrong})
        assert answer.status_code == 422
        assert 'class="field-error"' in answer.content.decode()
        assert not NotificationChoice.objects.exists()


class TestRules:
    def test_an_administrator_sets_the_thresholds(self, client, cast):
        client.force_login(cast.admin)
        form = {"kinds_on": ["target"], "close_days": 21, "silence_days": 3, "ahead_days": 0}
        assert client.post("/settings/nudges/", form).status_code == 302
        rules = NudgeRules.objects.get()
        assert (rules.close_days, rules.silence_days, rules.ahead_days) == (21, 3, 0)
        assert set(rules.kinds_off) == set(NudgeKind.values) - {"target"}

    @pytest.mark.parametrize("wrong", [{"close_days": "91"}, {"ahead_days": "-1"}, {"silence_days": "x"}])
    def test_nonsense_is_refused(self, client, cast, wrong):
        client.force_login(cast.admin)
        form = {"kinds_on": ["target"], "close_days": 21, "silence_days": 3, "ahead_days": 0}
        answer = client.post("/settings/nudges/", {**form, **wrong})
        assert answer.status_code == 422
        assert NudgeRules.current().close_days == 14

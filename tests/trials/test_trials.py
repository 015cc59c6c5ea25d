"""A trial from its statement to its verdict, on Tuesday 15 September 2026: by its pages and tasks."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, OutgoingMail, User
from apr.models import (
    TRIABLE,
    Channel,
    Notification,
    NotificationChoice,
    NudgeRules,
    Trial,
    TrialMember,
    TrialResult,
)
from apr.nudges.finding import find
from apr.services.actions import answer_action, log_action
from apr.services.trials import start_trial, stop_trial
from apr.tasks import count_trials, nudge
from apr.trials.measures import measured
from audit.models import Entry
from exchange.personal import personal_archive
from foundation.errors import NotAllowed
from opportunities.models import CommitmentOutcome
from opportunities.services.work import settle_promise
from tests.apr.pages import cells, words
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    CommitmentFactory,
    CustomerFactory,
    LeaderFactory,
    OpportunityFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    TrialFactory,
    action_type,
    stage,
)

pytestmark = pytest.mark.django_db
LIST, NEW, PREVIEW = "/settings/trials/", "/settings/trials/new/", "/settings/trials/preview/"
FIRST, LAST = date(2026, 9, 16), date(2026, 9, 29)  # ten working days: two working weeks
DURING = datetime(2026, 9, 16, 12, tzinfo=UTC)
OVER = datetime(2026, 9, 30, 12, tzinfo=UTC)
COUNTED = datetime(2026, 10, 7, 12, tzinfo=UTC)  # a week after the day after the last


@pytest.fixture(autouse=True)
def _seed(monkeypatch):
    monkeypatch.setattr("apr.services.trials.new_seed", lambda: 1_234_567_890)


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(clock):
    """Two teams of ten account executives below Sales; Lars leads, Elif administers."""
    sales = TeamFactory(name="Sales", leaders=[LeaderFactory(name="Lars Dekker")])
    people = [AEFactory() for _ in range(20)]
    TeamFactory(name="North", parent=sales, members=people[:10])
    TeamFactory(name="South", parent=sales, members=people[10:])
    return SimpleNamespace(
        sales=sales, people=people, admin=AdminFactory(name="Elif Maes"), customer=CustomerFactory()
    )


@pytest.fixture
def stated(cast):
    return {
        "kind": "target",
        "measure": "points",
        "teams": [cast.sales.pk],
        "starts_on": FIRST.isoformat(),
        "last_day": LAST.isoformat(),
    }


@dataclass
class Administrator:
    """Elif at her browser; she signs in each time, because a session does not last as long as a trial."""

    client: Client
    user: User

    def get(self, path):
        self.client.force_login(self.user)
        return self.client.get(path)

    def post(self, path, data):
        self.client.force_login(self.user)
        return self.client.post(path, data)


@pytest.fixture
def admin(cast, client):
    return Administrator(client, cast.admin)


def started(cast, kind="target", measure="points"):
    return start_trial(
        kind=kind, measure=measure, teams=[cast.sales], starts_on=FIRST, last_day=LAST, by=cast.admin
    )


def half(trial, *, nudged):
    return [row.person for row in trial.members.filter(gets_nudge=nudged).select_related("person")]


def collect(person, points, customer, day=21):
    """So many points of a person on a day of September: a call is worth one."""
    ActionFactory.create_batch(
        points, actor=person, customer=customer, occurred_at=datetime(2026, 9, day, 9, tzinfo=UTC)
    )


class TestStarting:
    def test_it_is_stated_by_the_form_and_halves_each_team(self, cast, admin, stated):
        assert admin.post(NEW, stated).status_code == 302
        trial = Trial.objects.get()
        assert (trial.kind, trial.measure, trial.starts_on, trial.last_day) == (
            "target", "points", FIRST, LAST,
        )  # fmt: skip
        assert (trial.started_by, trial.counted_on) == (cast.admin, COUNTED.date())
        rows = list(trial.members.values_list("team__name", "gets_nudge"))
        assert sorted(rows) == sorted([(team, bool(n % 2)) for team in ("North", "South") for n in range(10)])

    def test_the_log_tells_who_stated_what_and_keeps_the_halves(self, cast, admin, stated):
        admin.post(NEW, stated)
        trial = Trial.objects.get()
        entry = Entry.objects.get(object_type="apr.trial", act="started")
        assert entry.actor_id == cast.admin.pk
        assert entry.after == {
            "kind": "target",
            "measure": "points",
            "starts_on": "2026-09-16",
            "last_day": "2026-09-29",
            "people": 20,
            "drawn": trial.drawn,
        }

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"starts_on": "2026-09-15"}, "It can start tomorrow at the earliest"),
            ({"starts_on": "2027-01-01", "last_day": "2027-02-01"}, "Start it within three months."),
            ({"last_day": "2026-09-28"}, "Let it last two weeks or longer."),
            ({"last_day": "2027-03-31"}, "Let it last half a year at most."),
            ({"last_day": "soon"}, "Enter a valid date."),
            ({"kind": "promise_due"}, "Select a valid choice."),
            ({"teams": []}, "Choose a team or more."),
            ({"kind": "confirm"}, "This nudge is switched off: nobody gets it."),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_drawn(self, admin, stated, wrong, said):
        NudgeRules.objects.create(pk=1, kinds_off=["confirm"])
        answer = admin.post(NEW, {**stated, **wrong})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() <= wrong.keys()
        assert said in answer.content.decode()
        assert not Trial.objects.exists()

    def test_too_few_people_are_refused(self, cast, admin, stated):
        gone = cast.people[0]
        gone.is_active = False
        gone.save()
        NotificationChoice.objects.create(person=cast.people[1], channels={"target": "none"})
        answer = admin.post(NEW, stated)
        assert "It takes 20 people, half of them without the nudge. There are 18." in (
            answer.content.decode()
        )

    def test_nobody_is_in_two_trials_of_the_same_nudge_at_once(self, cast, admin, stated):
        trial = started(cast)
        answer = admin.post(NEW, {**stated, "starts_on": "2026-09-29", "last_day": "2026-10-20"})
        assert "20 of these people are in another trial of this nudge" in answer.content.decode()
        assert admin.post(NEW, {**stated, "kind": "confirm", "measure": "answers"}).status_code == 302
        later = {"starts_on": "2026-09-30", "last_day": "2026-10-20"}
        assert admin.post(NEW, {**stated, **later}).status_code == 302
        stop_trial(trial_id=trial.pk, reason="Wrong teams", by=cast.admin)
        assert admin.post(NEW, stated).status_code == 302

    def test_the_form_says_beforehand_what_so_many_people_could_show(self, cast, admin, stated):
        """Half of the people had 4 points in the two weeks before, 2 a week: on average one a week.

        In each team the variance is 10/9, so that of the difference 2 × ¼ × 10/9 × 2/5 = 2/9; 2.80 × 0.471.
        """
        for person in cast.people[::2]:
            collect(person, 4, cast.customer, day=3)
        said = admin.post(PREVIEW, stated).content.decode()
        assert said == (
            "20 people, half of them without the nudge. In as many days before, they had 1.0 counted "
            "points a week each. Four times in five, the trial shows a difference of 1.3 or more; a smaller "
            "one it can miss."
        )
        north = cast.people[0].memberships.get().team_id
        few = admin.post(PREVIEW, {**stated, "teams": [north]}).content.decode()
        assert few == "10 people: too few. It takes 20."
        assert admin.post(PREVIEW, {**stated, "last_day": "2026-09-17"}).content.decode() == (
            "Let it last two weeks or longer."
        )
        assert admin.post(PREVIEW, {}).content == b""

    def test_only_administrators_start_and_stop(self, cast):
        with pytest.raises(NotAllowed):
            start_trial(
                kind="target",
                measure="points",
                teams=[cast.sales],
                starts_on=FIRST,
                last_day=LAST,
                by=cast.people[0],
            )
        trial = started(cast)
        with pytest.raises(NotAllowed):
            stop_trial(trial_id=trial.pk, reason="No", by=cast.people[0])


def told(kind="target"):
    return set(Notification.objects.open().filter(kind=kind).values_list("person", flat=True))


class TestNudging:
    @pytest.fixture(autouse=True)
    def _behind(self, cast, settings):
        """Nobody has logged anything, and everybody wants mail at once."""
        settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
        settings.SITE_URL = "https://hub.fieldstone.example"
        TargetFactory(role="account_executive")
        for person in cast.people:
            NotificationChoice.objects.create(
                person=person, digest="off", channels={kind: str(Channel.NOW) for kind in TRIABLE}
            )

    def test_one_half_is_told_on_the_site_and_by_mail_and_the_other_by_neither(self, cast, clock):
        trial = started(cast)
        clock.move_to(DURING)
        nudge()
        with_it = half(trial, nudged=True)
        assert told() == {person.pk for person in with_it}
        mailed = [address for row in OutgoingMail.objects.all() for address in row.recipients]
        assert sorted(mailed) == sorted(person.email for person in with_it)

    def test_before_it_and_after_it_everybody_is_told(self, cast, clock):
        trial = started(cast)
        nudge()
        assert told() == {person.pk for person in cast.people}
        clock.move_to(DURING)
        nudge()
        assert told() == {person.pk for person in half(trial, nudged=True)}
        clock.move_to(OVER)
        nudge()
        assert told() == {person.pk for person in cast.people}

    def test_one_that_is_stopped_holds_nothing_back(self, cast, clock):
        trial = started(cast)
        clock.move_to(DURING)
        stop_trial(trial_id=trial.pk, reason="A reorganisation", by=cast.admin)
        nudge()
        assert told() == {person.pk for person in cast.people}

    def test_other_nudges_and_what_is_theirs_to_do_stay(self, cast, clock, client):
        trial = started(cast, kind="confirm", measure="answers")
        clock.move_to(DURING)
        one = half(trial, nudged=False)[0]
        nora = PMFactory(name="Nora Lindqvist")
        deal = OpportunityFactory(name="Acme renewal", stage=stage("Proposal"), owner=one, opened_at=DURING)
        CommitmentFactory(opportunity=deal, made_by=one, due_on=date(2026, 9, 17))
        log_action(
            by=nora,
            actor=nora,
            action_type=action_type("call_to"),
            occurred_at=DURING,
            deal=deal,
            counterpart=one,
        )
        nudge()
        kinds = set(Notification.objects.open().filter(person=one).values_list("kind", flat=True))
        assert kinds == {"target", "promise_due"}
        client.force_login(one)
        assert "Acme renewal" in words(client.get("/actions/waiting/"))

    def test_only_nudges_that_one_person_gets_can_be_tried(self, cast, clock):
        """A deal without a partner manager, an entry that waits, a pace: each is told to one."""
        clock.move_to(DURING)
        ana, nora = cast.people[0], PMFactory()
        deal = OpportunityFactory(owner=ana, expected_close_on=date(2026, 9, 20), opened_at=DURING)
        CommitmentFactory(opportunity=deal, made_by=nora, due_on=date(2026, 9, 17))
        ActionFactory(actor=nora, counterpart=ana, opportunity=deal, occurred_at=DURING)
        found = list(find(NudgeRules.current()))
        assert {one.kind for one in found} > set(TRIABLE)
        assert all(len(one.people) == 1 and not one.outsiders for one in found if one.kind in TRIABLE)

    def test_the_page_of_choices_tells_everybody_alike_and_only_meanwhile(self, cast, clock, client):
        said = "A nudge is being tried out in your organisation at the moment"
        trial = started(cast)

        def pages():
            for person in (half(trial, nudged=True)[0], half(trial, nudged=False)[0], cast.admin):
                client.force_login(person)
                yield words(client.get("/profile/notifications/"))

        assert not any(said in page for page in pages())
        clock.move_to(DURING)
        one, other, outside = pages()
        assert one == other
        assert said in one
        assert said in outside
        clock.move_to(OVER)
        assert not any(said in page for page in pages())


class TestBeforeTheEnd:
    def test_what_is_held_on_somebody_does_not_tell_their_half(self, cast, clock):
        trial = started(cast)
        for person in (half(trial, nudged=True)[0], half(trial, nudged=False)[0], cast.admin):
            with ZipFile(BytesIO(personal_archive(person=person, by=person))) as pack:
                held = {name: pack.read(name).decode() for name in pack.namelist()}
            assert str(trial.seed) not in "".join(held.values())
            if person != cast.admin:
                (row,) = json.loads(held["apr.TrialMember.json"])
                assert row["gets_nudge"] == "(not shown)"

    def test_nobody_sees_a_figure_or_a_half(self, cast, clock, admin):
        trial = started(cast)
        for person in half(trial, nudged=True):
            collect(person, 6, cast.customer)
        for moment in (DURING, OVER, datetime(2026, 10, 6, 12, tzinfo=UTC)):
            clock.move_to(moment)
            count_trials()
            page = admin.get(f"{LIST}{trial.pk}/")
            assert [len(row) for row in cells(page)] == [2] * 20  # person and team
            assert "Because of the nudge" not in words(page)
            assert str(trial.seed) not in words(page)
            assert admin.get(f"{LIST}{trial.pk}/people/{cast.people[0].pk}/").status_code == 404
        assert not TrialResult.objects.exists()

    def test_the_sentence_says_how_far_it_is(self, cast, clock, admin):
        trial = started(cast)
        for moment, said in [
            (datetime(2026, 9, 15, 12, tzinfo=UTC), "It starts on 16 Sep 2026."),
            (DURING, "It runs until 29 Sep 2026. Nobody sees a result before the end."),
            (OVER, "It is over, and is counted on 7 Oct 2026."),
        ]:
            clock.move_to(moment)
            assert said in words(admin.get(f"{LIST}{trial.pk}/"))
            assert cells(admin.get(LIST)) == [
                [
                    "The pace falls behind the target",
                    "Counted points",
                    "16 Sep 2026",
                    "29 Sep 2026",
                    "20",
                    said,
                ]
            ]

    def test_stopped_early_it_gives_no_verdict_ever(self, cast, clock, admin):
        trial = started(cast)
        stop = f"{LIST}{trial.pk}/stop/"
        clock.move_to(DURING)
        assert admin.post(stop, {"reason": "  "}).status_code == 422
        assert admin.post(stop, {"reason": "A reorganisation"}).status_code == 302
        said = words(admin.get(f"{LIST}{trial.pk}/"))
        assert "It was stopped early, so no verdict is given." in said
        assert "on 16 Sep 2026 by Elif Maes: “A reorganisation”" in said
        again = admin.post(stop, {"reason": "Once more"})
        assert "It was stopped already." in again.content.decode()
        assert Entry.objects.get(act="stopped").after == {"reason": "A reorganisation"}
        clock.move_to(COUNTED)
        count_trials()
        assert not TrialResult.objects.exists()

    def test_what_is_over_is_not_stopped_any_more(self, cast, clock, admin):
        trial = started(cast)
        clock.move_to(OVER)
        answer = admin.post(f"{LIST}{trial.pk}/stop/", {"reason": "It looks bad"})
        assert "It is over already; its result stands." in answer.content.decode()


class TestVerdict:
    @pytest.fixture
    def effective(self, cast, clock, admin):
        """With the nudge ten people collect 6 points in the two weeks, without it one does, and nine 2."""
        trial = started(cast)
        with_it, without = half(trial, nudged=True), half(trial, nudged=False)
        for person in with_it:
            collect(person, 6, cast.customer)
        for place, person in enumerate(without):
            collect(person, 6 if place == 0 else 2, cast.customer)
        collect(without[0], 50, cast.customer, day=30)  # the day after
        clock.move_to(COUNTED)
        count_trials()
        return trial

    def test_the_sentence_says_because_of_where_the_rule_says_so(self, effective, admin):
        """3 a week against 0.1 × 3 + 0.9 × 1 = 1.2: 1.8."""
        page = admin.get(f"{LIST}{effective.pk}/")
        said = words(page)
        assert "Because of the nudge, people collect 1.8 more points a week." in said
        assert "With the nudge 3.0 a week, without it 1.2" in said
        assert "Drawn 10,000 times more" in said
        assert cells(page, 1) == [["with the nudge", "10", "3.0"], ["without", "10", "1.2"]]
        rows = cells(page, 2)
        assert [row[2:] for row in rows[:10]] == [["with the nudge", "3.0"]] * 10
        assert sorted(row[3] for row in rows[10:]) == ["1.0"] * 9 + ["3.0"]
        assert f"Seed {effective.seed}" in said

    def test_each_figure_opens_the_log_of_those_days(self, effective, admin):
        person = half(effective, nudged=True)[0]
        url = f"/actions/?person={person.pk}&since=2026-09-16&until=2026-09-29"
        assert url.replace("&", "&amp;") in admin.get(f"{LIST}{effective.pk}/").content.decode()
        assert len(admin.get(url).context["entries"]) == 6

    def test_it_is_counted_once_and_stays_so(self, effective, cast, clock):
        before = TrialResult.objects.values().get()
        collect(cast.people[0], 20, cast.customer)
        clock.move_to(datetime(2026, 12, 1, 12, tzinfo=UTC))
        count_trials()
        assert TrialResult.objects.values().get() == before

    def test_without_an_effect_it_says_what_it_could_have_shown(self, cast, clock, admin):
        """In each half of each team the same: 2, 2, 2, 3 and 3 a week."""
        trial = started(cast)
        for nudged in (True, False):
            for team in ("North", "South"):
                rows = trial.members.filter(gets_nudge=nudged, team__name=team).select_related("person")
                for row, points in zip(rows, (4, 4, 4, 6, 6), strict=True):
                    collect(row.person, points, cast.customer)
        clock.move_to(COUNTED)
        count_trials()
        said = words(admin.get(f"{LIST}{trial.pk}/"))
        assert "No effect of the nudge could be told." in said
        assert "With the nudge 2.4 a week, without it 2.4" in said
        # Variance in a team 10 × 0.24 / 9; of the difference ½ × that × 2/5 = 0.0533; 2.80 × 0.231.
        assert "The smallest effect this trial could have shown, four times in five, is 0.6 a week." in said
        assert "Because of" not in said

    def test_halves_that_are_not_those_drawn_give_no_verdict(self, cast, clock, admin):
        trial = started(cast)
        row = TrialMember.objects.filter(trial=trial).first()
        TrialMember.objects.filter(pk=row.pk).update(gets_nudge=not row.gets_nudge)
        clock.move_to(COUNTED)
        count_trials()
        assert "the halves on record are not those that were drawn" in words(admin.get(f"{LIST}{trial.pk}/"))

    def test_promises_and_answers_open_their_rows(self, cast, clock, admin):
        ana, nora = cast.people[0], PMFactory(name="Nora Lindqvist")
        deal = OpportunityFactory(name="Acme renewal", owner=ana, partner_manager=nora)
        kept = [CommitmentFactory(opportunity=deal, made_by=ana, due_on=date(2026, 9, 18)) for _ in range(3)]
        entry = ActionFactory(actor=nora, counterpart=ana, opportunity=deal, customer=None)
        trials = [
            started(cast, kind="target", measure="promises"),
            started(cast, kind="confirm", measure="answers"),
        ]
        clock.move_to(DURING)
        settle_promise(commitment_id=kept[0].pk, outcome=CommitmentOutcome.KEPT, by=ana)
        settle_promise(commitment_id=kept[1].pk, outcome=CommitmentOutcome.BROKEN, by=ana)
        answer_action(action_id=entry.pk, by=ana, answer="confirmed")
        clock.move_to(datetime(2026, 9, 21, 12, tzinfo=UTC))
        settle_promise(commitment_id=kept[2].pk, outcome=CommitmentOutcome.KEPT, by=ana)  # late by now
        clock.move_to(COUNTED)
        count_trials()
        for trial, said in zip(trials, ("Send the offer", "Nora Lindqvist: Call to Ana"), strict=True):
            values = trial.result.values
            assert values.pop(str(ana.pk)) == 0.5
            assert set(values.values()) == {0}
            rows = cells(admin.get(f"{LIST}{trial.pk}/people/{ana.pk}/"))
            assert [row[1:] for row in rows] == [["Acme renewal", "16 Sep 2026"]]
            assert rows[0][0].startswith(said.split(" to ")[0])

    def test_a_measure_counts_the_days_of_the_organisation(self, cast):
        """Answered at 23:30 UTC on the 29th, which in Amsterdam is the 30th."""
        Organisation.objects.update_or_create(pk=1, defaults={"time_zone": "Europe/Amsterdam"})
        ana = cast.people[0]
        for hour in (21, 23):
            ActionFactory(
                counterpart=ana,
                confirmation="confirmed",
                confirmed_at=datetime(2026, 9, 29, hour, 30, tzinfo=UTC),
            )
        assert measured("answers", [ana.pk], FIRST, date(2026, 9, 30)) == {ana.pk: 0.5}


def test_without_any_the_list_says_what_one_takes(admin):
    assert "No trials yet. One takes 20 people or more and two weeks at least." in words(admin.get(LIST))


def test_as_many_queries_for_many_trials_as_for_few(admin):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            admin.client.get(LIST)
        return len(captured)

    TrialFactory()
    admin.get(LIST)
    few = queries()
    for _ in range(9):
        TrialResult.objects.create(trial=TrialFactory(), problem="not_as_drawn")
    assert queries() == few <= 12

"""Digests: at the hour that somebody chose, by their own clock; their own figures first, leaders' later.

Week 37 of 2026 is 7 to 13 September; its first working day after is Monday 14 September.
"""

import random
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from accounts.mail import OutgoingMail, send_waiting_mail
from accounts.models import Holiday, Organisation
from apr.models import Digest, Notification, NotificationChoice
from apr.nudges import digests, team_digests
from apr.nudges.telling import tell
from apr.tasks import digest
from opportunities.models import CommitmentOutcome
from opportunities.services.work import settle_promise
from tests.factories import (
    LONG_AGO,
    ActionFactory,
    AEFactory,
    CommitmentFactory,
    LeaderFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
)

pytestmark = pytest.mark.usefixtures("outbox")
MONDAY = datetime(2026, 9, 14, tzinfo=UTC)


def chooses(person, **choice):
    return NotificationChoice.objects.update_or_create(person=person, defaults=choice)[0]


def lives_in(person, zone):
    person.time_zone = zone
    person.save()


def promised(cast, text="Send the offer", due_on=date(2026, 9, 16)):
    return CommitmentFactory(
        opportunity=cast.deal, made_by=cast.ana, made_to=cast.nora, text=text, due_on=due_on
    )


def letters(to=None):
    send_waiting_mail()
    return [letter for letter in mail.outbox if to is None or letter.to == [to.email]]


def ticks_until(clock, start, hours, *, minutes=60):
    """The worker's ticks from `start` on; yields the time after each."""
    for step in range(hours * 60 // minutes + 1):
        now = start + timedelta(minutes=step * minutes)
        clock.move_to(now)
        digest()
        yield now


class TestTheHour:
    @pytest.mark.parametrize(
        ("zone", "before", "after"),
        [
            ("UTC", datetime(2026, 9, 16, 7, 59, tzinfo=UTC), datetime(2026, 9, 16, 8, tzinfo=UTC)),
            # UTC+14: 8:00 of the 16th is 18:00 of the 15th in UTC
            (
                "Pacific/Kiritimati",
                datetime(2026, 9, 15, 17, 59, tzinfo=UTC),
                datetime(2026, 9, 15, 18, tzinfo=UTC),
            ),
            # UTC-11
            (
                "Pacific/Niue",
                datetime(2026, 9, 16, 18, 59, tzinfo=UTC),
                datetime(2026, 9, 16, 19, tzinfo=UTC),
            ),
        ],
    )
    def test_it_comes_by_the_clock_of_the_person(self, cast, clock, zone, before, after):
        lives_in(cast.nora, zone)
        for day in (14, 15):  # those of the days before are written, with nothing in them
            Digest.objects.create(person=cast.nora, kind="own", day=date(2026, 9, day))
        Digest.objects.filter(day=date(2026, 9, 14)).update(week=date(2026, 9, 7))
        promised(cast)
        clock.move_to(before)
        tell()
        digest()
        assert letters(cast.nora) == []
        clock.move_to(after)
        digest()
        digest()
        [letter] = letters(cast.nora)
        assert letter.subject == "Ana Kovač promised Nora Lindqvist by Wed 16 Sep: Send the offer"

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            # 29 March 2026: clocks in Berlin go from 2:00 to 3:00 at 1:00 UTC; there is no 2:00.
            (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
            # 25 October 2026: 2:00 comes twice, at 0:00 and at 1:00 UTC. The first one counts.
            (datetime(2026, 10, 24, 23, 59, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC)),
        ],
    )
    def test_when_clocks_change_it_comes_once(self, cast, clock, before, after):
        Organisation.objects.update(working_week="0123456")
        chooses(cast.nora, hour=2)
        lives_in(cast.nora, "Europe/Berlin")
        Digest.objects.create(
            person=cast.nora, kind="own", day=after.date() - timedelta(days=1), week=None, written_at=before
        )
        TargetFactory(user=cast.nora)
        clock.move_to(before)
        digest()
        assert not Digest.objects.filter(person=cast.nora, day=after.date()).exists()
        for later in range(5):
            clock.move_to(after + timedelta(hours=later))
            digest()
        [row] = Digest.objects.filter(person=cast.nora, day=after.date())
        assert row.written_at == after

    def test_nothing_new_is_no_letter_and_what_comes_later_waits_for_the_next_day(self, cast, clock):
        Digest.objects.create(
            person=cast.nora, kind="own", day=date(2026, 9, 14), week=date(2026, 9, 7), written_at=MONDAY
        )
        clock.move_to(datetime(2026, 9, 15, 8, 5, tzinfo=UTC))
        digest()
        promised(cast)
        tell()
        digest()
        assert letters(cast.nora) == []
        clock.move_to(datetime(2026, 9, 16, 8, 5, tzinfo=UTC))
        digest()
        assert len(letters(cast.nora)) == 1

    def test_it_comes_on_working_days_only(self, cast, clock):
        Holiday.objects.create(date=date(2026, 9, 16), name="Founders' day")
        promised(cast)
        clock.move_to(datetime(2026, 9, 16, 9, tzinfo=UTC))
        tell()
        digest()
        assert letters(cast.nora) == []
        clock.move_to(datetime(2026, 9, 17, 9, tzinfo=UTC))
        digest()
        assert len(letters(cast.nora)) == 1

    def test_what_was_settled_or_told_before_is_not_in_it(self, cast, clock):
        settled = promised(cast, "Book the demo")
        promised(cast, "Send the offer")
        tell()
        settle_promise(commitment_id=settled.pk, outcome=CommitmentOutcome.KEPT, by=cast.ana)
        tell()
        digest()
        promised(cast, "Name the signatory")
        tell()
        clock.move_to(datetime(2026, 9, 16, 12, tzinfo=UTC))
        digest()
        first, second = letters(cast.nora)
        assert "Send the offer" in first.body
        assert "Book the demo" not in first.body
        assert "Name the signatory" in second.body
        assert "Send the offer" not in second.body

    def test_once_a_week_or_never(self, cast, clock):
        chooses(cast.nora, digest="weekly")
        chooses(cast.ana, digest="off")
        promised(cast)
        tell()
        for _now in ticks_until(clock, datetime(2026, 9, 14, tzinfo=UTC), 7 * 24, minutes=180):
            pass
        assert len(letters(cast.nora)) == 1
        assert letters(cast.ana) == []

    def test_who_has_no_address_or_left_gets_none(self, cast):
        promised(cast)
        tell()
        cast.nora.email = None
        cast.nora.save()
        cast.ana.is_active = False
        cast.ana.save()
        digest()
        assert letters(cast.nora) == letters(cast.ana) == []


class TestOwnFigures:
    def test_the_first_one_after_a_week_holds_its_figures_who_sees_them_and_from_when(self, cast, clock):
        """60 a month are 60/22 a working day: 13.64 in week 37. Ten points are 0.73 of that: behind."""
        TargetFactory(user=cast.nora, why="Partners close twice as often.")
        for _ in range(10):
            ActionFactory(actor=cast.nora, occurred_at=datetime(2026, 9, 10, 9, tzinfo=UTC))
        ActionFactory(actor=cast.ana, occurred_at=datetime(2026, 9, 10, 9, tzinfo=UTC))
        clock.move_to(MONDAY + timedelta(hours=8))
        digest()
        [letter] = letters(cast.nora)
        assert letter.subject == "Your week 37, 2026"
        assert "Week 37, 2026: Behind: 10 of 14 points" in letter.body
        assert "September 2026: Behind: 10 of 60 points" in letter.body
        assert "Partners close twice as often." in letter.body
        assert "https://hub.fieldstone.example/apr/?period=2026-W37" in letter.body
        assert "Seen by you, Elif Maes, and Priya Menon." in letter.body
        assert "no leader is mailed them before Tue 15 Sep." in letter.body
        assert "Ana" not in letter.body
        assert "Lars" not in letter.body
        html = letter.alternatives[0][0]
        assert "Behind: 10 of 14 points" in html
        assert "<script" not in html

    def test_they_come_once_a_week(self, cast, clock):
        TargetFactory(user=cast.nora)
        for _now in ticks_until(clock, MONDAY, 8 * 24, minutes=120):
            pass
        assert [letter.subject for letter in letters(cast.nora)] == [
            "Your week 37, 2026",
            "Your week 38, 2026",
        ]

    def test_after_a_worker_stood_still_they_come_late_rather_than_never(self, cast, clock):
        TargetFactory(user=cast.nora)
        clock.move_to(MONDAY + timedelta(days=2, hours=13))
        digest()
        assert [letter.subject for letter in letters(cast.nora)] == ["Your week 37, 2026"]


class TestLeadersLater:
    @pytest.fixture
    def figures(self, cast):
        TargetFactory(user=cast.nora)
        ActionFactory(actor=cast.nora, occurred_at=datetime(2026, 9, 10, 9, tzinfo=UTC))
        return cast

    def sent(self, clock, start, hours, to, *, minutes=60):
        """When each of these people got the letter with figures of week 37."""
        found = {}
        for now in ticks_until(clock, start, hours, minutes=minutes):
            for person in to:
                subjects = [letter.subject for letter in letters(person)]
                if any("week 37" in subject for subject in subjects):
                    found.setdefault(person.name, now)
        return found

    def test_a_leader_gets_the_teams_figures_a_working_day_later(self, figures, clock):
        found = self.sent(clock, MONDAY, 72, [figures.nora, figures.priya], minutes=30)
        assert found == {
            "Nora Lindqvist": MONDAY + timedelta(hours=8),
            "Priya Menon": MONDAY + timedelta(hours=32),
        }
        [letter] = letters(figures.priya)
        assert letter.subject == "Your teams, week 37, 2026"
        assert "Alliances North: Behind: 1 of 14 points" in letter.body
        assert "Nora: Behind: 1 of 14 points" in letter.body
        assert "Sales North" not in letter.body
        assert "Ana" not in letter.body
        assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_a_holiday_between_is_no_working_day(self, figures, clock):
        Holiday.objects.create(date=date(2026, 9, 15), name="Founders' day")
        found = self.sent(clock, MONDAY, 72, [figures.priya])
        assert found == {"Priya Menon": MONDAY + timedelta(days=2, hours=8)}

    def test_from_the_first_clock_of_the_earth_to_the_last(self, figures, clock):
        """Nora in Niue gets hers on Monday 8:00, which is 19:00 UTC; a working day later it is Wednesday 9:00
        for Priya in Kiritimati."""
        lives_in(figures.nora, "Pacific/Niue")
        lives_in(figures.priya, "Pacific/Kiritimati")
        found = self.sent(clock, MONDAY - timedelta(days=1), 96, [figures.nora, figures.priya])
        assert found == {
            "Nora Lindqvist": datetime(2026, 9, 14, 19, tzinfo=UTC),
            "Priya Menon": datetime(2026, 9, 15, 19, tzinfo=UTC),
        }

    def test_a_leader_waits_as_long_as_one_letter_of_the_team_is_missing(self, figures, clock, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(digests, "write_digests", lambda: 0)  # the worker does not get to them
            assert self.sent(clock, MONDAY, 60, [figures.priya]) == {}
        found = self.sent(clock, MONDAY + timedelta(hours=61), 48, [figures.nora, figures.priya])
        assert found == {
            "Nora Lindqvist": MONDAY + timedelta(hours=61),
            "Priya Menon": MONDAY + timedelta(hours=85),
        }

    def test_what_a_letter_promised_is_kept_when_others_choose_an_earlier_hour(self, figures, clock):
        """Ben's late hour makes Nora's letter say Tuesday 23:00; his going away does not make it earlier."""
        ben = PMFactory(name="Ben Achterberg")
        team = figures.priya.led_teams.get()
        team.memberships.create(user=ben, starts_on=LONG_AGO)
        chooses(ben, hour=23)
        clock.move_to(MONDAY + timedelta(hours=8))
        digest()
        row = Digest.objects.get(person=figures.nora)
        assert row.leaders_from == MONDAY + timedelta(hours=47)
        ben.is_active = False
        ben.save()
        found = self.sent(clock, MONDAY + timedelta(hours=9), 72, [figures.priya])
        assert found == {"Priya Menon": MONDAY + timedelta(hours=47)}

    def test_who_wants_no_digest_holds_nobody_up_and_leaders_may_want_none(self, figures, clock):
        chooses(figures.nora, digest="off")
        chooses(figures.lars, team_digest=False)
        found = self.sent(clock, MONDAY, 72, [figures.nora, figures.priya, figures.lars])
        assert found == {"Priya Menon": MONDAY + timedelta(hours=32)}

    def test_who_leads_those_who_lead_waits_for_all_below(self, figures, clock):
        boss = LeaderFactory(name="Oliver Grant")
        above = TeamFactory(name="Alliances", leaders=[boss])
        figures.priya.led_teams.update(parent=above)
        chooses(figures.nora, hour=15)
        found = self.sent(clock, MONDAY, 72, [boss])
        assert found == {"Oliver Grant": MONDAY + timedelta(hours=39)}

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_nobody_is_overtaken_whatever_people_choose(self, cast, clock, seed):
        """Against a reckoning of its own: on the member's clock, a working day lies between the letters."""
        dice = random.Random(seed)
        zones = ["Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu", "Europe/Berlin", "America/New_York"]
        Holiday.objects.create(date=date(2026, 9, 14 + dice.randrange(3)), name="Founders' day")
        leaders = [LeaderFactory(time_zone=dice.choice(zones)) for _ in range(3)]
        top = TeamFactory(leaders=[leaders[0]])
        teams = [TeamFactory(leaders=[one], parent=top) for one in leaders[1:]]
        members = {}
        for number in range(8):
            person = AEFactory(time_zone=dice.choice(zones))
            chooses(person, hour=dice.randrange(24), digest=dice.choice(["daily", "weekly"]))
            teams[number % 2].memberships.create(user=person, starts_on=LONG_AGO)
            members[person] = {leaders[0], leaders[1 + number % 2]}
            TargetFactory(user=person)
        for leader in leaders:
            chooses(leader, hour=dice.randrange(24))
        everybody = [*members, *leaders]
        start = datetime(2026, 9, 13, 0, tzinfo=UTC)
        found = self.sent(clock, start, 7 * 24, everybody, minutes=120)
        assert len(found) == len(everybody)
        holidays = set(Holiday.objects.values_list("date", flat=True))
        for person, above in members.items():
            own = found[person.name].astimezone(person.tzinfo)
            following = own.date() + timedelta(days=1)
            while following.weekday() > 4 or following in holidays:
                following += timedelta(days=1)
            for leader in above:
                later = found[leader.name].astimezone(person.tzinfo)
                assert (later.date(), later.time()) >= (following, own.time()), (person, leader)


class TestOnce:
    @pytest.mark.parametrize("module", [digests, team_digests])
    def test_a_letter_that_cannot_be_written_leaves_no_trace_and_is_written_next(
        self, cast, clock, monkeypatch, module
    ):
        TargetFactory(user=cast.nora)
        promised(cast)
        clock.move_to(MONDAY + timedelta(hours=8))
        tell()
        if module is team_digests:
            digest()
            clock.move_to(MONDAY + timedelta(hours=32))
            digests.write_digests()
        with_letters = Q(person__in=[cast.nora, cast.ana], kind="own") | Q(kind="team")

        def rows():
            return Digest.objects.filter(with_letters).count()

        before, mails = rows(), OutgoingMail.objects.count()
        told = set(Notification.objects.filter(mailed_at__isnull=False).values_list("pk", flat=True))

        def broken(*_args, **_more):
            raise RuntimeError("the worker ends here")

        with monkeypatch.context() as patch:
            patch.setattr(module, "write", broken)
            with pytest.raises(RuntimeError):
                digest()
        assert (rows(), OutgoingMail.objects.count()) == (before, mails)
        assert told == set(Notification.objects.filter(mailed_at__isnull=False).values_list("pk", flat=True))
        digest()
        assert OutgoingMail.objects.count() > mails
        after = OutgoingMail.objects.count()
        digest()
        assert OutgoingMail.objects.count() == after

    def test_letters_cost_the_same_for_many_as_for_few(self, cast, clock):
        TargetFactory(role="account_executive")
        team = TeamFactory()

        def queries(people):
            for _ in range(people):
                team.memberships.create(user=AEFactory(), starts_on=LONG_AGO)
            Digest.objects.all().delete()
            with CaptureQueriesContext(connection) as captured:
                digests.write_digests()
            return len(captured)

        clock.move_to(MONDAY + timedelta(hours=9))
        few, many = queries(5), queries(20)
        assert (many - few) / 20 <= 9  # what one letter writes, and nothing that grows


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_each_digest_once(cast):
    TargetFactory(user=cast.nora)
    start = threading.Barrier(3)

    def work():
        start.wait()
        digests.write_digests()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert OutgoingMail.objects.count() == 1
    assert Digest.objects.filter(person=cast.nora).count() == 1


def test_the_record_of_old_digests_is_forgotten(cast, clock):
    TargetFactory(user=cast.nora)
    digest()
    clock.shift(timedelta(days=59))
    assert digests.forget_old_digests() == 0
    clock.shift(timedelta(days=2))
    assert digests.forget_old_digests() > 0

"""Mail at once: to whom, when, in which words, once; its way out, and one's word straight from the letter."""

import re
import threading
from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.mail import OutgoingMail, send_waiting_mail
from apr.models import Action, Notification, NotificationChoice
from apr.nudges import mailing
from apr.nudges.links import answer_link
from apr.nudges.telling import tell
from apr.services.actions import edit_action, log_action, void_action
from apr.tasks import nudge
from tests.apr.pages import words
from tests.factories import CommitmentFactory, action_type

pytestmark = pytest.mark.usefixtures("outbox")
SITE = "https://hub.fieldstone.example"


def at_once(person, *kinds):
    return NotificationChoice.objects.create(person=person, channels=dict.fromkeys(kinds, "now"))


def promised(cast, **fields):
    values = {"opportunity": cast.deal, "made_by": cast.ana, "made_to": cast.nora}
    return CommitmentFactory(**{**values, "due_on": date(2026, 9, 16), **fields})


def letters():
    send_waiting_mail()
    return mail.outbox


class TestAtOnce:
    def test_who_chose_so_gets_all_that_is_new_in_one_letter_once(self, cast):
        at_once(cast.nora, "promise_due")
        promised(cast, text="Send the offer")
        promised(cast, text="Book the demo")
        nudge()
        nudge()
        [letter] = letters()
        assert letter.to == [cast.nora.email]
        assert letter.subject == "2 things need you"
        assert "Ana Kovač promised Nora Lindqvist by Wed 16 Sep: Send the offer" in letter.body
        assert f"{SITE}/opportunities/{cast.deal.pk}/#promises" in letter.body
        [(html, kind)] = letter.alternatives
        assert kind == "text/html"
        assert "Book the demo" in html

    def test_one_thing_is_the_subject(self, cast):
        at_once(cast.nora, "promise_due")
        promised(cast)
        nudge()
        [letter] = letters()
        assert letter.subject == "Ana Kovač promised Nora Lindqvist by Wed 16 Sep: Send the offer"

    def test_words_are_in_the_readers_language_and_markup_is_only_words(self, cast):
        cast.nora.locale = "de"
        cast.nora.save()
        at_once(cast.nora, "promise_due")
        promised(cast, text="<b>Angebot</b> & Preis")
        nudge()
        [letter] = letters()
        assert "Mi., 16. Sept." in letter.body
        assert "<b>Angebot</b> & Preis" in letter.body
        assert "&lt;b&gt;Angebot&lt;/b&gt; &amp; Preis" in letter.alternatives[0][0]

    def test_what_was_read_or_settled_before_is_not_mailed(self, cast):
        at_once(cast.nora, "promise_due")
        promised(cast)
        promise = promised(cast, text="Book the demo")
        tell()
        Notification.objects.filter(person=cast.nora, subject=f"promise:{promise.pk}").update(
            closed_at=datetime(2026, 9, 15, 12, tzinfo=UTC)
        )
        Notification.objects.filter(person=cast.nora, closed_at__isnull=True).update(
            read_at=datetime(2026, 9, 15, 12, tzinfo=UTC)
        )
        assert mailing.mail_at_once() == 0
        assert letters() == []

    @pytest.mark.parametrize(
        ("zone", "hour_utc", "is_mailed"),
        [
            ("UTC", 6, False),
            ("UTC", 7, True),
            ("UTC", 21, True),
            ("UTC", 22, False),
            ("Pacific/Kiritimati", 7, True),  # 21:00 there
            ("Pacific/Kiritimati", 8, False),
            ("Pacific/Niue", 17, False),
            ("Pacific/Niue", 18, True),  # 7:00 there
        ],
    )
    def test_nothing_comes_at_night(self, cast, clock, zone, hour_utc, is_mailed):
        cast.nora.time_zone = zone
        cast.nora.save()
        at_once(cast.nora, "promise_due")
        promised(cast, due_on=date(2026, 9, 17))
        clock.move_to(datetime(2026, 9, 16, hour_utc, tzinfo=UTC))
        nudge()
        assert bool(letters()) is is_mailed

    def test_who_has_no_address_or_left_gets_none(self, cast):
        at_once(cast.nora, "promise_due")
        at_once(cast.ana, "promise_due")
        promised(cast)
        cast.nora.email = None
        cast.nora.save()
        cast.ana.is_active = False
        cast.ana.save()
        nudge()
        assert letters() == []

    def test_a_letter_that_cannot_be_written_leaves_what_it_told_for_the_next_run(self, cast, monkeypatch):
        at_once(cast.nora, "promise_due")
        promised(cast)

        def broken(*_args, **_more):
            raise RuntimeError("the worker ends here")

        with monkeypatch.context() as patch:
            patch.setattr(mailing, "write", broken)
            with pytest.raises(RuntimeError):
                nudge()
        assert not Notification.objects.filter(mailed_at__isnull=False).exists()
        assert not OutgoingMail.objects.exists()
        nudge()
        assert len(letters()) == 1


def test_one_letter_that_goes_wrong_keeps_nobody_else_from_theirs(cast, monkeypatch):
    for person in (cast.ana, cast.nora):
        at_once(person, "promise_due")
    promised(cast)
    right = mailing.write

    def broken_for_ana(person, *args, **more):
        if person == cast.ana:
            raise RuntimeError("a name that no template can bear")
        right(person, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(mailing, "write", broken_for_ana)
        with pytest.raises(RuntimeError):  # and the task is seen to have failed
            nudge()
    assert [letter.to for letter in letters()] == [[cast.nora.email]]
    nudge()
    assert [letter.to for letter in letters()] == [[cast.nora.email], [cast.ana.email]]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_one_letter(cast):
    at_once(cast.nora, "promise_due")
    promised(cast)
    tell()
    start = threading.Barrier(3)

    def work():
        start.wait()
        mailing.mail_at_once()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert OutgoingMail.objects.count() == 1


class TestUnsubscribing:
    @pytest.fixture
    def letter(self, cast):
        at_once(cast.nora, "promise_due", "confirm")
        promised(cast)
        nudge()
        return letters()[0]

    @pytest.fixture
    def path(self, letter):
        found = re.fullmatch(f"<{SITE}(/unsubscribe/[^>]+)>", letter.extra_headers["List-Unsubscribe"])
        return found[1]

    def test_the_letter_has_both_headers_and_the_link_in_both_texts(self, letter, path):
        assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
        assert path in letter.body
        assert path in letter.alternatives[0][0]
        written = letter.message().as_string()
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in written

    def test_a_mail_program_stops_it_with_one_post_and_nobody_signed_in(self, cast, path):
        answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Nothing is mailed at once any more." in words(answer)
        choice = NotificationChoice.objects.get(person=cast.nora)
        assert choice.channels == {"promise_due": "site", "confirm": "site"}
        promised(cast, text="Book the demo")
        nudge()
        assert len(letters()) == 1

    def test_opening_the_link_only_asks(self, client, cast, path):
        assert "Stop mailing things at once?" in words(client.get(path))
        assert NotificationChoice.objects.get(person=cast.nora).channel("confirm") == "now"

    def test_a_forged_link_is_refused(self, client, cast, path):
        assert client.post(path[:-3] + "x/").status_code == 410
        assert client.post("/unsubscribe/nonsense/").status_code == 410
        assert NotificationChoice.objects.get(person=cast.nora).channel("confirm") == "now"

    def test_a_link_of_one_sort_is_no_key_for_another(self, client, path):
        assert client.post(path.replace("/unsubscribe/", "/answer/")).status_code == 410


class TestOnesWord:
    @pytest.fixture
    def action(self, cast):
        return log_action(
            by=cast.nora,
            actor=cast.nora,
            action_type=action_type("coaching_session"),
            occurred_at=datetime(2026, 9, 15, 11, tzinfo=UTC),
            deal=cast.deal,
            counterpart=cast.ana,
            notes="How to hold the price",
        )

    @pytest.fixture
    def path(self, cast, action):
        at_once(cast.ana, "confirm")
        nudge()
        [letter] = letters()
        found = re.search(f"{SITE}(/answer/[^ \n]+)", letter.body)
        assert found[1] in letter.alternatives[0][0]
        return found[1]

    def test_opening_the_link_shows_what_it_is_about_and_changes_nothing(self, client, path, action):
        said = words(client.get(path))
        assert "Ana Kovač, your word is asked for" in said
        assert "Coaching session" in said
        assert "Nora Lindqvist, with you" in said
        assert "How to hold the price" in said
        action.refresh_from_db()
        assert action.confirmation == "none"

    def test_one_confirms_without_signing_in(self, client, path, action):
        answer = client.post(path, {"answer": "confirmed"}, follow=True)
        assert "Confirmed. Thank you." in words(answer)
        action.refresh_from_db()
        assert action.confirmation == "confirmed"
        nudge()
        assert not Notification.objects.open().exists()

    def test_the_form_holds_its_own_against_forgery(self, path, action):
        browser = Client(enforce_csrf_checks=True)
        assert browser.post(path, {"answer": "confirmed"}).status_code == 403
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(path).content.decode())
        browser.post(path, {"answer": "confirmed", "csrfmiddlewaretoken": token[1]})
        action.refresh_from_db()
        assert action.confirmation == "confirmed"

    def test_one_disputes_with_a_word(self, client, path, action):
        refused = client.post(path, {"answer": "disputed", "note": " "})
        assert refused.status_code == 422
        assert "Say in a word what was different." in refused.content.decode()
        client.post(path, {"answer": "disputed", "note": "That was Friday."})
        action.refresh_from_db()
        assert (action.confirmation, action.confirmation_note) == ("disputed", "That was Friday.")

    def test_neither_button_is_no_answer(self, client, path, action):
        for nonsense in ({}, {"answer": "none"}, {"answer": "maybe"}):
            assert client.post(path, nonsense).status_code == 422
        action.refresh_from_db()
        assert action.confirmation == "none"

    def test_the_link_answers_once(self, client, path, action):
        client.post(path, {"answer": "confirmed"})
        said = words(client.post(path, {"answer": "disputed", "note": "No!"}))
        assert "Confirmed. Thank you." in said
        action.refresh_from_db()
        assert action.confirmation == "confirmed"

    def test_it_ends_after_two_weeks(self, client, clock, path, action):
        clock.move_to(datetime(2026, 9, 29, 11, 59, tzinfo=UTC))
        assert client.get(path).status_code == 200
        clock.move_to(datetime(2026, 9, 29, 12, 1, tzinfo=UTC))
        assert client.get(path).status_code == 410
        assert client.post(path, {"answer": "confirmed"}).status_code == 410
        action.refresh_from_db()
        assert action.confirmation == "none"

    def test_it_ends_when_the_entry_is_taken_back_or_names_somebody_else(self, client, cast, path, action):
        edit_action(
            action_id=action.pk,
            by=cast.nora,
            action_type=action.action_type,
            occurred_at=action.occurred_at,
            deal=cast.deal,
            partner=None,
            customer=None,
            counterpart=cast.stella,
            capacity=action.capacity,
            duration_minutes=None,
            notes="",
        )
        assert client.post(path, {"answer": "confirmed"}).status_code == 410
        stellas = answer_link(cast.stella, action.pk).removeprefix(SITE)
        assert client.get(stellas).status_code == 200
        void_action(action_id=action.pk, by=cast.nora)
        assert client.get(stellas).status_code == 410

    def test_nobody_else_can_use_it_for_themselves(self, client, cast, path, action):
        """Signed in as somebody else, the link still speaks for Ana alone, and Nora's own is no good."""
        client.force_login(cast.nora)
        client.post(path, {"answer": "confirmed"})
        assert Action.objects.get(pk=action.pk).confirmation == "confirmed"
        own = answer_link(cast.nora, action.pk).removeprefix(SITE)
        assert client.get(own).status_code == 410

    def test_who_left_has_no_word_any_more(self, client, cast, path):
        cast.ana.is_active = False
        cast.ana.save()
        assert client.get(path).status_code == 410

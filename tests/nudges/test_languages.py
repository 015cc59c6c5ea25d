"""Letters and notifications in German and Spanish: words, plurals, figures and dates as readers have them."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.urls import reverse

from accounts.mail import send_waiting_mail
from accounts.services.invitations import invite
from apr.models import NotificationChoice
from apr.tasks import digest, nudge
from tests.apr.pages import words
from tests.factories import (
    ActionFactory,
    CommitmentFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    action_type,
)

pytestmark = pytest.mark.usefixtures("outbox")


def reads(person, language, zone="UTC"):
    person.locale, person.time_zone = language, zone
    person.save()


def promised(cast, *texts):
    for text in texts:
        CommitmentFactory(
            opportunity=cast.deal,
            made_by=cast.ana,
            made_to=cast.nora,
            text=text,
            due_on=date(2026, 9, 16),
        )


def letters(to):
    send_waiting_mail()
    return [letter for letter in mail.outbox if letter.to == [to.email]]


DIGESTS = {
    "de": {
        "subject": "Ihre Zahlen: Woche 37, 2026",
        "in it": [
            "Guten Tag, Nora,",
            "Woche 37, 2026: Im Rückstand: 10 von 1.364 Punkten",
            "September 2026: Im Rückstand: 10 von 6.000 Punkten",
            "Warum dieses Ziel: „Partners close twice as often.“",
            "Sichtbar für: Sie, Elif Maes und Priya Menon.",
            "Keine Führungskraft erhält sie vor Mi., 16. Sept. per E-Mail.",
            "* Ana Kovač hat Nora Lindqvist bis Mi., 16. Sept. zugesagt: Send the offer",
            "Informiert: ",
            "Zusage öffnen: https://hub.fieldstone.example/opportunities/",
            "Zusammenfassung abbestellen: https://hub.fieldstone.example/unsubscribe/",
        ],
        "html": ['<html lang="de">', "Neu seit der letzten Zusammenfassung", "Das ist Ihre Zusammenfassung."],
    },
    "es": {
        "subject": "Sus cifras: semana 37, 2026",
        "in it": [
            "Hola, Nora:",
            "Semana 37, 2026: Con retraso: 10 de 1.364 puntos",
            "septiembre de 2026: Con retraso: 10 de 6.000 puntos",
            "Por qué este objetivo: «Partners close twice as often.»",
            "Visible para: usted, Elif Maes y Priya Menon.",
            "ningún responsable las recibe por correo antes del mié, 16 sept.",
            "* Ana Kovač se comprometió con Nora Lindqvist para el mié, 16 sept: Send the offer",
            "Informados: ",
            "Abrir el compromiso: https://hub.fieldstone.example/opportunities/",
            "Dejar de recibir el resumen: https://hub.fieldstone.example/unsubscribe/",
        ],
        "html": ['<html lang="es">', "Novedades desde el último resumen", "Este es su resumen."],
    },
}


@pytest.mark.parametrize("language", DIGESTS)
def test_a_digest_reads_right(cast, clock, language):
    """6,000 points a month are 1,363.6 in the five working days of week 37.

    It is Monday 8:00 in Auckland, and 20:00 of the Sunday in UTC. The leader also waits for Otto in
    Pago Pago, whose Tuesday 8:00 is 7:00 of Nora's Wednesday.
    """
    reads(cast.nora, language, "Pacific/Auckland")
    TeamFactory(leaders=[cast.priya], members=[PMFactory(name="Otto Berg", time_zone="Pacific/Pago_Pago")])
    TargetFactory(user=cast.nora, value=6000, why="Partners close twice as often.")
    for _ in range(10):
        ActionFactory(actor=cast.nora, occurred_at=datetime(2026, 9, 10, 9, tzinfo=UTC))
    promised(cast, "Send the offer")
    nudge()
    clock.move_to(datetime(2026, 9, 13, 19, 59, tzinfo=UTC))
    digest()
    assert letters(cast.nora) == []
    clock.move_to(datetime(2026, 9, 13, 20, 0, tzinfo=UTC))
    digest()
    [letter] = letters(cast.nora)
    wanted = DIGESTS[language]
    assert letter.subject == wanted["subject"]
    assert [line for line in wanted["in it"] if line not in letter.body] == []
    assert [line for line in wanted["html"] if line not in letter.alternatives[0][0]] == []


def test_the_same_event_tells_both_the_same_in_two_languages(cast):
    for person, language in ((cast.ana, "de"), (cast.nora, "es")):
        reads(person, language)
        NotificationChoice.objects.create(person=person, channels={"promise_due": "now"})
    promised(cast, "Send the offer", "Book the demo")
    nudge()
    [to_ana], [to_nora] = letters(cast.ana), letters(cast.nora)
    assert to_ana.subject == "2 Dinge warten auf Sie"
    assert "Ana Kovač hat Nora Lindqvist bis Mi., 16. Sept. zugesagt: Book the demo" in to_ana.body
    assert to_nora.subject == "2 asuntos requieren su atención"
    assert "Ana Kovač se comprometió con Nora Lindqvist para el mié, 16 sept: Book the demo" in to_nora.body


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("en", "1 thing needs you.", "2 things need you."),
        ("de", "1 Sache wartet auf Sie.", "2 Dinge warten auf Sie."),
        ("es", "1 asunto requiere su atención.", "2 asuntos requieren su atención."),
    ],
)
def test_one_is_said_otherwise_than_two(client, cast, language, one, two):
    reads(cast.nora, language)
    client.force_login(cast.nora)
    promised(cast, "Send the offer")
    nudge()
    assert one in words(client.get("/notifications/"))
    promised(cast, "Book the demo")
    nudge()
    assert two in words(client.get("/notifications/"))


@pytest.mark.parametrize(
    ("language", "asks", "answers"),
    [("de", "War es so?", "Bestätigt. Vielen Dank."), ("es", "¿Fue así?", "Confirmado. Gracias.")],
)
def test_a_link_in_a_letter_opens_in_the_language_of_the_letter(client, cast, language, asks, answers):
    reads(cast.ana, language)
    NotificationChoice.objects.create(person=cast.ana, channels={"confirm": "now"})
    ActionFactory(
        actor=cast.nora,
        action_type=action_type("coaching_session"),
        counterpart=cast.ana,
        opportunity=cast.deal,
        customer=None,
        occurred_at=datetime(2026, 9, 15, 9, tzinfo=UTC),
    )
    nudge()
    [letter] = letters(cast.ana)
    [path] = {
        word.removeprefix("https://hub.fieldstone.example")
        for word in letter.body.split()
        if "/answer/" in word
    }
    browser = {"headers": {"accept-language": "en"}}
    assert asks in words(client.get(path, **browser))
    assert answers in words(client.post(path, {"answer": "confirmed"}, follow=True, **browser))


def test_a_forgotten_password_is_answered_in_the_language_of_whom_it_is_about(client, cast):
    """Whoever asks, and whatever their browser speaks."""
    reads(cast.nora, "es")
    asked = {"email": cast.nora.email}
    client.post(reverse("account_reset_password"), asked, headers={"accept-language": "de"})
    [letter] = letters(cast.nora)
    assert letter.subject == "Elegir una contraseña nueva"
    assert "Recibe este correo porque usted u otra persona pidió una contraseña nueva" in letter.body


def test_a_changed_password_is_told_in_ones_own_language(client, cast):
    reads(cast.nora, "de")
    cast.nora.set_password("actions precede results")
    cast.nora.save()
    client.force_login(cast.nora)
    new = "results follow actions"
    asked = {"oldpassword": "actions precede results", "password1": new, "password2": new}
    client.post(reverse("account_change_password"), asked)
    [letter] = letters(cast.nora)
    assert letter.subject == "Passwort geändert"
    assert "Wenn Sie diese Änderung nicht kennen" in letter.body


def test_an_invitation_and_its_page_speak_the_language_of_whom_it_invites(client, cast):
    guest = PMFactory(name="Otto Berg", locale="de", email="otto.berg@fieldstone.example")
    guest.set_unusable_password()
    guest.save()
    invite(person=guest, by=cast.admin)
    [letter] = letters(guest)
    assert letter.subject == "Elif Maes lädt Sie zu PartnerHub ein"
    assert "Der Link gilt einmal und 7 Tage lang." in letter.body
    [path] = {word.partition("example")[2] for word in letter.body.split() if "/invitation" in word}
    page = client.get(path, headers={"accept-language": "es"})
    assert page.headers["Content-Language"] == "de"
    assert "Elif Maes hat otto.berg@fieldstone.example eingeladen." in words(page)

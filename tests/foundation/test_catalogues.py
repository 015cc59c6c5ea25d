"""The catalogues in `locale/`: whole where that is promised, sound everywhere, and the ones that run."""

import re
from collections import Counter
from io import BytesIO

import pytest
from babel.messages.mofile import read_mo
from django.core.management import call_command

from foundation.catalogues import compiled, is_translated, languages, path_of, read, wording

LANGUAGES = languages()
# Every letter, what people are told, and the pages that links in letters open.
WHOLE = (
    "templates/mail/",
    "templates/accounts/invitation.txt",
    "templates/apr/_notification.html",
    "templates/apr/answer_by_mail.html",
    "templates/apr/mail_link_over.html",
    "templates/apr/notification",
    "templates/apr/unsubscribe.html",
    "allauth/templates/account/email/",
    "allauth/templates/mfa/email/",
    "apr/models/notifications.py",
    "apr/notification_forms.py",
    "apr/nudges/",
    "apr/periods.py",
    "apr/score_words.py",
    "apr/services/notifications.py",
    "apr/views/mail_links.py",
    "apr/views/notifications.py",
    "foundation/wording.py",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%d|\{\w*\}|</?\w+[^>]*>")


def key(message):
    return message.id if isinstance(message.id, str) else message.id[0], message.context


def forms(text):
    return [text] if isinstance(text, str) else list(text)


@pytest.fixture(scope="module")
def said():
    """What the product says, as its files have it now."""
    return [message for message in wording() if message.id]


@pytest.fixture(scope="module")
def catalogues():
    return {language: read(language) for language in LANGUAGES}


def test_there_is_one_for_every_language_that_can_be_chosen(settings):
    assert {"en", *LANGUAGES} == {code for code, _name in settings.LANGUAGES}
    assert all(path_of(language).exists() for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_and_notifications_are_translated_whole(language, said, catalogues):
    """`manage.py catalogues` adds what is missing here; then translate it (docs/languages.md)."""
    promised = [one for one in said if any(place.startswith(WHOLE) for place, _line in one.locations)]
    assert len(promised) > 200
    there = {key(message) for message in catalogues[language] if is_translated(message)}
    assert [key(message) for message in promised if key(message) not in there] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_doubtful_and_placeholders_are_those_of_the_original(language, catalogues):
    wrong = []
    for message in catalogues[language]:
        if not message.id or not any(forms(message.string)):
            continue
        asked = [Counter(PLACEHOLDER.findall(form)) for form in forms(message.id)]
        given = [Counter(PLACEHOLDER.findall(form)) for form in forms(message.string)]
        # One thing can be said without its number: “a deal”, not “one deal”.
        is_right = given[-1] == asked[-1] and all(one <= asked[-1] for one in given)
        if message.fuzzy or not is_right or not is_translated(message):
            wrong.append(message.id)
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_runs_is_what_is_written(language, catalogues):
    def texts(running):
        return [(one.id, one.context, one.string) for one in read_mo(running) if one.id]

    with path_of(language).with_suffix(".mo").open("rb") as running:
        assert texts(running) == texts(BytesIO(compiled(catalogues[language])))


def test_what_is_not_translated_is_said_in_english():
    """An empty text in what runs would be shown as nothing at all."""
    catalogue = read("de")
    catalogue.add("said so far in English only")
    catalogue.add(("%(n)s new thing", "%(n)s new things"))
    ids = {key(message)[0] for message in read_mo(BytesIO(compiled(catalogue)))}
    assert "You" in ids
    assert not ids & {"said so far in English only", "%(n)s new thing"}


def test_the_command_keeps_what_is_translated_and_drops_what_is_not_said_any_more(settings, tmp_path):
    settings.LOCALE_PATHS, settings.LANGUAGES = [tmp_path], [("en", "English"), ("de", "German")]
    call_command("catalogues")
    path = path_of("de")
    fresh = path.read_text()
    assert 'msgid "Mark all read"\nmsgstr ""\n' in fresh
    written = fresh.replace('msgid "Mark all read"\nmsgstr ""', 'msgid "Mark all read"\nmsgstr "Gelesen"')
    path.write_text(written + '\nmsgid "never said"\nmsgstr "nie gesagt"\n')
    call_command("catalogues")
    assert path.read_text() == written
    with path.with_suffix(".mo").open("rb") as running:
        assert {key(one)[0]: one.string for one in read_mo(running) if one.id} == {"Mark all read": "Gelesen"}

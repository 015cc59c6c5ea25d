"""A typed line, held against what it says."""

from datetime import date

import pytest

from apr.logline import Name, read_line

MONDAY = date(2026, 9, 14)
TUESDAY = date(2026, 9, 15)
COACHING, CALL_TO, CALL_FROM, EMAIL, MEETING, REVIEW, BUSINESS, WALK = range(1, 9)
TYPES = [
    Name(COACHING, "Coaching session", key="coaching_session"),
    Name(CALL_TO, "Call to", key="call_to"),
    Name(CALL_FROM, "Call from", key="call_from"),
    Name(EMAIL, "E-mail", key="email"),
    Name(MEETING, "Face-to-face meeting", key="face_to_face"),
    Name(REVIEW, "Joint deal review", key="joint_deal_review"),
    Name(BUSINESS, "Partner business review", key="business_review"),
    Name(WALK, "Plant walk", key="plant-walk"),
]
PEOPLE = [Name(1, "Ana Kovač", weight=1), Name(2, "Ana Lima"), Name(3, "Ben Ali"), Name(4, "May Ortiz")]
DEALS = [
    Name(1, "Acme renewal"),
    Name(2, "Acme pilot"),
    Name(3, "Brightwater rollout"),
    Name(4, "Call centre"),
]
PARTNERS = [Name(1, "Norrvik Systems"), Name(2, "Tessera Cloud")]


def read(line):
    return read_line(line, types=TYPES, people=PEOPLE, deals=DEALS, partners=PARTNERS, today=TUESDAY)


def value(found):
    return None if found is None else found.value


def test_the_line_that_the_page_shows_as_example():
    line = "coached Ana on Acme renewal 30m yesterday"
    reading = read(line)
    assert [value(x) for x in (reading.action_type, reading.person, reading.deal)] == [COACHING, 1, 1]
    assert (value(reading.minutes), value(reading.day)) == (30, MONDAY)
    found = (reading.action_type, reading.person, reading.deal, reading.minutes)
    assert [reading.words(one) for one in found] == ["coached", "Ana", "on Acme renewal", "30m"]
    assert reading.person.others == (2,)
    assert reading.rest == ""


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("called Norrvik", CALL_TO),
        ("call from Norrvik about prices", CALL_FROM),
        ("emailed Tessera", EMAIL),
        ("E-mail to Ben", EMAIL),
        ("met Tessera Cloud for lunch", MEETING),
        ("deal review with Ben", REVIEW),
        ("QBR with Norrvik", BUSINESS),
        ("plant walk with Norrvik", WALK),
        ("reviewed Call centre with Ben", REVIEW),
        ("something else", None),
        ("", None),
    ],
)
def test_kind_of_action(line, kind):
    assert value(read(line).action_type) == kind


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("45 min", 45),
        ("1h", 60),
        ("1.5 hours", 90),
        ("1h30", 90),
        ("2 hrs", 120),
        ("half an hour", 30),
        ("5", None),
    ],
)
def test_lengths(words, minutes):
    assert value(read(f"called Norrvik {words}").minutes) == minutes


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("today", TUESDAY),
        ("the day before yesterday", date(2026, 9, 13)),
        ("3 days ago", date(2026, 9, 12)),
        ("a week ago", date(2026, 9, 8)),
        ("on Friday", date(2026, 9, 11)),
        ("Tuesday", TUESDAY),
        ("last tuesday", date(2026, 9, 8)),
        ("on 2 Sep", date(2026, 9, 2)),
        ("Sept 2nd", date(2026, 9, 2)),
        ("24 December", date(2025, 12, 24)),
        ("3 March 2024", date(2024, 3, 3)),
        ("2026-08-31", date(2026, 8, 31)),
        ("31 Feb", None),
        ("2026-13-40", None),
    ],
)
def test_days(words, day):
    assert value(read(f"called Norrvik {words}").day) == day


@pytest.mark.parametrize(
    ("line", "deal"),
    [
        ("call on acme pilot", 2),
        ("call about Brightwater", 3),
        ("call about ACME RENEWAL", 1),
        ("call on Acmeville", None),
        ("the call", None),
    ],
)
def test_deals_are_named_in_whole_words(line, deal):
    assert value(read(line).deal) == deal


def test_accents_may_be_left_out():
    assert value(read("coached Ana Kovac").person) == 1
    assert value(read("coached ana lima").person) == 2


def test_what_is_not_understood_becomes_the_note():
    reading = read("coached Ana on Acme renewal, pricing for the second year")
    assert reading.rest == "pricing for the second year"

"""Reads a typed line such as `coached Ana on Acme renewal 30m yesterday`. Plain values, no database.

Everything that is understood points at the words it was read from, so that a page can show the source of
each. What is not understood is left over, as the note.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

# Verbs and synonyms of the usual action types, by the type's key. A type's own name is understood as well.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "coaching_session": ("coached", "coaching", "coach", "mentored"),
    "face_to_face": ("met with", "met", "meeting", "visited", "visit", "lunch", "face to face", "saw"),
    "webinar": ("webinar", "demo", "demoed", "presented", "presentation"),
    "conference_call": ("conference call", "conf call", "video call", "video", "zoom", "web meeting"),
    "call_from": ("call from", "called by", "phoned by"),
    "call_to": ("call to", "call with", "called", "phoned", "rang", "call", "phone"),
    "email": ("emailed", "e-mailed", "mailed", "wrote to", "wrote", "email", "e-mail", "mail"),
    "joint_deal_review": ("joint deal review", "deal review", "reviewed", "review"),
    "partner_introduction": ("introduced", "introduction", "intro"),
    "obstacle_cleared": ("obstacle cleared", "cleared", "unblocked", "removed obstacle"),
    "business_review": ("business review", "qbr"),
    "enablement": ("enabled", "enablement", "trained", "training", "workshop"),
}
VERBS = {phrase for phrases in SYNONYMS.values() for phrase in phrases}
LINKS = {"on", "with", "for", "to", "from", "at", "about", "re", "in", "and", "by", "the", "a", "an", "of"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HOURS = r"\b(\d{1,2})(?:[.,](\d))?\s*(?:hours?|hrs?|h)(?:\s*(\d{1,2})\s*m?(?:in)?)?\b"
LINK = r"(?<!\w)(?:on|about|re|for)\s+(?:the\s+)?$"
LEAST_LETTERS = 3  # fewer letters of a longer name say too little


@dataclass(frozen=True)
class Name:
    """Something that can be named: a type by its key, or a person, deal or partner by its number.

    Of several that match equally the one with the higher `weight` is meant: one's own deals, the colleague
    who works on the deal.
    """

    value: int
    text: str
    weight: int = 0
    key: str = ""


@dataclass(frozen=True)
class Found:
    """What was understood, the words it was read from (`start` up to `end`), and other candidates."""

    value: int
    start: int
    end: int
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class Day:
    """A date that was understood, and where."""

    value: date
    start: int
    end: int


Read = TypeVar("Read", Found, Day)


@dataclass
class Reading:
    """A line as it was understood; None for what it does not say."""

    line: str
    action_type: Found | None = None
    person: Found | None = None
    deal: Found | None = None
    partner: Found | None = None
    minutes: Found | None = None
    day: Day | None = None
    rest: str = ""
    taken: list[tuple[int, int]] = field(default_factory=list)

    def words(self, found: Found | Day) -> str:
        """The words that something was read from."""
        return self.line[found.start : found.end]

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing else was read from these words."""
        return all(end <= first or start >= last for first, last in self.taken)


def read_line(
    line: str,
    *,
    types: Sequence[Name],
    people: Sequence[Name],
    deals: Sequence[Name],
    partners: Sequence[Name],
    today: date,
) -> Reading:
    """What a line says. Times are read first, then deals, partners and people by name, last the kind of
    action, so that a deal named “Call centre” is no call."""
    reading = Reading(line)
    reading.minutes = _first(reading, _minutes(line))
    reading.day = _first(reading, _days(line, today))
    reading.deal = _first(reading, _named(line, deals, link=LINK))
    reading.partner = _first(reading, _named(line, partners))
    reading.person = _first(reading, _named(line, people))
    reading.action_type = _first(reading, _typed(line, types))
    reading.rest = _rest(reading)
    return reading


def plain(text: str) -> str:
    """Lower case without accents, letter for letter, so that places in the text stay the same."""
    letters = (unicodedata.normalize("NFD", letter)[0] for letter in text.lower())
    return "".join(letters)


# --- candidates, the likeliest first ---------------------------------------------------------------


def _first(reading: Reading, candidates: Iterable[Read]) -> Read | None:
    for one in candidates:
        if reading.is_free(one.start, one.end):
            reading.taken.append((one.start, one.end))
            return one
    return None


def _minutes(line: str) -> Iterable[Found]:
    for match in re.finditer(HOURS, line, re.IGNORECASE):
        whole, tenths, extra = (int(group or 0) for group in match.groups())
        yield Found(whole * 60 + tenths * 6 + extra, *match.span())
    for match in re.finditer(r"\b(\d{1,3})\s*(?:minutes?|mins?|m)\b", line, re.IGNORECASE):
        yield Found(int(match[1]), *match.span())
    for words, minutes in (("half an hour", 30), ("an hour", 60)):
        for match in re.finditer(rf"\b{words}\b", line, re.IGNORECASE):
            yield Found(minutes, *match.span())


def _days(line: str, today: date) -> Iterable[Day]:
    for pattern, read in _DATE_FORMS:
        for match in re.finditer(pattern, line, re.IGNORECASE):
            day = read(match, today)
            if day is not None:
                yield Day(day, *match.span())


def _named(line: str, names: Sequence[Name], link: str = "") -> list[Found]:
    """Names in the line: the longest match first; of equal ones the weightier, then the shorter name.

    A small word in front that matches `link` belongs to it.
    """
    text = plain(line)
    matches = [(*place, name) for name in names for place in _places(text, plain(name.text))]
    matches.sort(key=lambda match: (match[0] - match[1], -match[2].weight, len(match[2].text)))
    found = []
    for start, end, name in matches:
        same = [m[2].value for m in matches if m[:2] == (start, end) and m[2].value != name.value]
        found.append(Found(name.value, *_with_link(line, start, end, link), tuple(dict.fromkeys(same))))
    return found


def _places(text: str, name: str) -> Iterable[tuple[int, int]]:
    """Where the first words of a name stand in the text, as many of them as do."""
    words = name.split()
    for count in range(len(words), 0, -1):
        start = " ".join(words[:count])
        if len(start) < LEAST_LETTERS and count < len(words):
            return
        if start in LINKS or (count < len(words) and start in VERBS):
            return
        places = [m.span() for m in re.finditer(rf"(?<!\w){re.escape(start)}(?!\w)", text)]
        if places:
            yield from places
            return


def _typed(line: str, types: Sequence[Name]) -> list[Found]:
    """The kind of action: the longest phrase first, and of equal ones the one that is said first."""
    text = plain(line)
    phrases = [(phrase, kind) for kind in types for phrase in (plain(kind.text), *SYNONYMS.get(kind.key, ()))]
    found = [
        Found(kind.value, *match.span())
        for phrase, kind in phrases
        for match in re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)
    ]
    return sorted(found, key=lambda one: (one.start - one.end, one.start))


def _with_link(line: str, start: int, end: int, link: str) -> tuple[int, int]:
    """The same place with a small word in front: `on Acme renewal`."""
    before = re.search(link, line[:start], re.IGNORECASE) if link else None
    return (before.start() if before else start), end


def _rest(reading: Reading) -> str:
    """What was not understood, without the small words at its ends."""
    kept = "".join(
        " " if not reading.is_free(at, at + 1) else letter for at, letter in enumerate(reading.line)
    )
    words = kept.split()
    while words and words[0].strip(".,;:–-").lower() in LINKS | {""}:
        words.pop(0)
    while words and words[-1].strip(".,;:–-").lower() in LINKS | {""}:
        words.pop()
    return " ".join(words).strip(" ,;:–-")


# --- words for days --------------------------------------------------------------------------------


def _last_weekday(match: re.Match[str], today: date) -> date:
    """The last such day: today's own name means a week ago only after `last`."""
    back = (today.weekday() - WEEKDAYS.index(match["weekday"].lower())) % 7
    return today - timedelta(days=back or (7 if match["last"] else 0))


def _month_day(match: re.Match[str], today: date) -> date | None:
    """A day and a month, in the past: without a year the last one that has been."""
    month = MONTHS.index(match["month"].lower()[:3]) + 1
    year = int(match["year"] or today.year)
    day = _valid(year, month, int(match["day"]))
    if day is not None and day > today and not match["year"]:
        day = _valid(year - 1, month, int(match["day"]))
    return day


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_YEAR = r"(?:\s+(?P<year>\d{4}))?"
_DATE_FORMS: list[tuple[str, Callable[[re.Match[str], date], date | None]]] = [
    (r"\b(?:the )?day before yesterday\b", lambda _match, today: today - timedelta(days=2)),
    (r"\byesterday\b", lambda _match, today: today - timedelta(days=1)),
    (r"\b(?:today|this morning|this afternoon|just now)\b", lambda _match, today: today),
    (r"\b(?P<n>\d{1,3}) days? ago\b", lambda match, today: today - timedelta(days=int(match["n"]))),
    (r"\ba week ago\b", lambda _match, today: today - timedelta(days=7)),
    (
        r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b",
        lambda match, _today: _valid(int(match["y"]), int(match["m"]), int(match["d"])),
    ),
    (rf"\b(?:on )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH}{_YEAR}\b", _month_day),
    (rf"\b(?:on )?{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?\b", _month_day),
    (rf"\b(?:on )?(?P<last>last )?(?P<weekday>{'|'.join(WEEKDAYS)})\b", _last_weekday),
]

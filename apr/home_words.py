"""The sentence that opens a day, and the line under it: where one stands, and what next."""

from collections.abc import Sequence

from babel.dates import format_date
from django.utils.translation import gettext as _

from apr.agenda import Agenda
from apr.periods import Period
from apr.score_words import VERDICTS, days_left, points_of, what_it_takes
from apr.scorecards import Score
from apr.scoring import Status
from apr.todos import Kind
from foundation.wording import number, reader_locale


def own_sentence(score: Score) -> str:
    """`On track: 42 of 60 points, 12 working days left.` Without a target: the points alone."""
    return _ended(f"{_verdict(score)}{points_of(score)}", score)


def teams_sentence(scores: Sequence[Score]) -> str:
    """The same of the one team somebody leads; of several, how many are on track."""
    if len(scores) == 1:
        return _ended(f"{scores[0].subject}: {_verdict(scores[0])}{points_of(scores[0])}".strip(), scores[0])
    judged = [score for score in scores if score.status != Status.NO_TARGET]
    if not judged:
        return _("%(count)s teams, no targets yet.") % {"count": len(scores)}
    good = sum(score.status == Status.ON_TRACK for score in judged)
    parts = {"good": good, "all": len(judged)}
    return _ended(_("%(good)s of %(all)s teams on track") % parts, judged[0])


def worst(scores: Sequence[Score]) -> Status:
    """The status of the team that needs somebody most."""
    order = [Status.BEHIND, Status.AT_RISK, Status.ON_TRACK, Status.NO_TARGET]
    return min((score.status for score in scores), key=order.index, default=Status.NO_TARGET)


def next_line(score: Score, agenda: Agenda) -> str:
    """What it takes to get there, and what cannot wait."""
    return " ".join(filter(None, [_what_it_takes(score), cannot_wait(agenda)]))


def month_name(period: Period) -> str:
    """`September`."""
    return format_date(period.start, "LLLL", locale=reader_locale())


def nothing_yet() -> str:
    """What is said to somebody for whom nothing is there."""
    return _("Nothing is on your list yet.")


def how_to_begin() -> str:
    """What to do on a day without anything."""
    return _("Log the first thing you do with a customer, a partner or a colleague: it counts at once.")


def _what_it_takes(score: Score) -> str:
    if score.target is None:
        return _("Nobody has set a target for you yet; every action counts all the same.")
    return what_it_takes(score, is_own=True)


def cannot_wait(agenda: Agenda) -> str:
    """The deals that should not wait until tomorrow, or that nothing does."""
    pressing = [todo for todo in agenda.todos if todo.is_pressing and todo.kind == Kind.QUIET and todo.deal]
    if not pressing:
        return "" if agenda.todos else _("Nothing waits for you.")
    if len(pressing) == 1:
        return _("One deal cannot wait: %(deal)s.") % {"deal": pressing[0].deal}
    return _("%(count)s deals cannot wait, first of all %(deal)s.") % {
        "count": number(len(pressing)),
        "deal": pressing[0].deal,
    }


def _verdict(score: Score) -> str:
    return f"{VERDICTS[score.status]}: " if score.status in VERDICTS else ""


def _ended(words: str, score: Score) -> str:
    return f"{words}, {days_left(score)}."

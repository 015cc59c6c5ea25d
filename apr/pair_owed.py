"""What one of a pair owes the other now, said in a line with links: `cover two open visits: …`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from babel.lists import format_list
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apr.joint import JointScorecard, Key, Measure, Row
from apr.pair_words import NAMED, short_names
from foundation.wording import day, in_letters, number, reader_locale, short_day
from opportunities.models import Opportunity


@dataclass(frozen=True)
class _Owing:
    """What words about something owed need: the deals that the reader sees, and the card."""

    card: JointScorecard

    def deal(self, row: Row) -> Opportunity | None:
        return None if row.deal_id is None else self.card.deals.get(row.deal_id)

    def link(self, row: Row) -> SafeString | str:
        deal = self.deal(row)
        if deal is None:
            return _("a deal that you do not see")
        return format_html('<a href="{}">{}</a>', reverse("opportunities:detail", args=[deal.pk]), deal.name)

    def deals(self, rows: Sequence[Row]) -> SafeString:
        shown = rows if len(rows) <= NAMED else rows[: NAMED - 1]
        words: list[SafeString | str] = [self.link(row) for row in shown]
        if len(rows) > len(shown):
            words.append(_("%(n)s more") % {"n": number(len(rows) - len(shown))})
        return joined(words)


def joined(words: Sequence[str]) -> SafeString:
    """Words, or links, as a list in a sentence."""
    pattern = format_list([f"{{{place}}}" for place in range(len(words))], locale=reader_locale())
    return format_html(pattern, *words)


def owed_now(card: JointScorecard, measure: Measure) -> SafeString | str:
    """What somebody owes of one component; nothing where they owe nothing."""
    return OWED[measure.key](_Owing(card), measure.owed) if measure.owed else ""


def _visits_to_cover(owing: _Owing, rows: Sequence[Row]) -> SafeString:
    words = ngettext("cover the open visit of {deals}", "cover {n} open visits: {deals}", len(rows))
    return format_html(words, n=in_letters(len(rows)), deals=owing.deals(rows))


def _inks(owing: _Owing, rows: Sequence[Row]) -> SafeString:
    first = format_html(
        _("be there when {deal} closes, {day}"), deal=owing.link(rows[0]), day=short_day(rows[0].day)
    )
    return _and_more(first, rows)


def _obstacles(owing: _Owing, rows: Sequence[Row]) -> SafeString:
    obstacle = rows[0].obstacle
    if obstacle is None:
        return _and_more(format_html(_("clear an obstacle on {deal}"), deal=owing.link(rows[0])), rows)
    words = _("{what} on {deal}, due {day}") if obstacle.due_on else _("{what} on {deal}")
    due = day(obstacle.due_on) if obstacle.due_on else ""
    what = obstacle.description
    return _and_more(format_html(words, what=what, deal=owing.link(rows[0]), day=due), rows)


def _sessions(owing: _Owing, rows: Sequence[Row]) -> SafeString:
    words = ngettext("{n} session with {name} by {day}", "{n} sessions with {name} by {day}", len(rows))
    last_day = date.fromordinal(owing.card.period.end.toordinal() - 1)
    name = short_names(owing.card.pm, owing.card.ae)[1]
    return format_html(words, n=in_letters(len(rows)), name=name, day=short_day(last_day))


def _promises(owing: _Owing, rows: Sequence[Row]) -> SafeString:
    promise = rows[0].promise
    what = promise.text if promise else _("a promise that you do not see")
    return _and_more(format_html("{}, {}", what, day(rows[0].day)), rows)


def _to_document(owing: _Owing, rows: Sequence[Row]) -> SafeString:
    return format_html(_("log something on {deals}"), deals=owing.deals(rows))


def _to_move(owing: _Owing, rows: Sequence[Row]) -> SafeString:
    return _and_more(_moved(owing, rows[0], _("move {deal}"), _("move {deal}, {days} in {stage}")), rows)


def _to_raise(owing: _Owing, rows: Sequence[Row]) -> SafeString:
    short, whole = _("say what holds {deal}"), _("say what holds {deal}, {days} in {stage}")
    return _and_more(_moved(owing, rows[0], short, whole), rows)


def _moved(owing: _Owing, row: Row, short: str, whole: str) -> SafeString:
    if row.visit is None or row.days_left is None:
        return format_html(short, deal=owing.link(row))
    stage = row.visit.stage
    return format_html(whole, deal=owing.link(row), days=_days_left(row.days_left), stage=stage)


def _to_take_up(owing: _Owing, rows: Sequence[Row]) -> SafeString:
    return format_html(_("act on {deals}"), deals=owing.deals(rows))


def _days_left(left: int) -> str:
    if left < 0:
        return ngettext("%(n)s day over", "%(n)s days over", -left) % {"n": number(-left)}
    return ngettext("%(n)s day left", "%(n)s days left", left) % {"n": number(left)}


def _and_more(first: SafeString, rows: Sequence[Row]) -> SafeString:
    if len(rows) == 1:
        return first
    return format_html(_("{first}, and {n} more"), first=first, n=in_letters(len(rows) - 1))


OWED: dict[Key, Callable[[_Owing, Sequence[Row]], SafeString]] = {
    Key.INVOLVEMENT: _visits_to_cover,
    Key.AT_THE_INK: _inks,
    Key.OBSTACLES: _obstacles,
    Key.COACHING: _sessions,
    Key.PM_COMMITMENTS: _promises,
    Key.DOCUMENTED: _to_document,
    Key.MOVING: _to_move,
    Key.RAISED_IN_TIME: _to_raise,
    Key.FOLLOW_THROUGH: _to_take_up,
    Key.AE_COMMITMENTS: _promises,
}

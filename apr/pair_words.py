"""What is said of a pair: where the two stand, what would help most, and what each cell of a row is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from babel.lists import format_list
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from apr.joint import JointScorecard, Key, Measure, PairStanding, Row, Side, State
from apr.periods_shown import Shown
from apr.scoring import side_score
from foundation.wording import in_letters, number, reader_locale, short_day

NAMED = 3  # with more deals than this the first two are named and the rest counted

NAMES: dict[Key, str | Promise] = {
    Key.INVOLVEMENT: gettext_lazy("Involvement"),
    Key.AT_THE_INK: gettext_lazy("At the ink"),
    Key.OBSTACLES: gettext_lazy("Obstacles"),
    Key.COACHING: gettext_lazy("Coaching"),
    Key.PM_COMMITMENTS: gettext_lazy("Commitments"),
    Key.DOCUMENTED: gettext_lazy("Documented"),
    Key.MOVING: gettext_lazy("Moving"),
    Key.RAISED_IN_TIME: gettext_lazy("Obstacles in time"),
    Key.FOLLOW_THROUGH: gettext_lazy("Follow-through"),
    Key.AE_COMMITMENTS: gettext_lazy("Commitments"),
}
COUNTED: dict[Key, str | Promise] = {
    Key.INVOLVEMENT: gettext_lazy("visits covered"),
    Key.AT_THE_INK: gettext_lazy("closed deals with a PM in the last 14 days"),
    Key.OBSTACLES: gettext_lazy("cleared with the partner by their date"),
    Key.COACHING: gettext_lazy("sessions of those expected"),
    Key.PM_COMMITMENTS: gettext_lazy("kept by their date"),
    Key.DOCUMENTED: gettext_lazy("deals with an action in the last 14 days"),
    Key.MOVING: gettext_lazy("visits within expected days"),
    Key.RAISED_IN_TIME: gettext_lazy("raised before a visit ran over"),
    Key.FOLLOW_THROUGH: gettext_lazy("deals brought, acted on in 5 days"),
    Key.AE_COMMITMENTS: gettext_lazy("kept by their date"),
}
STATES = {
    State.DONE: gettext_lazy("done"),
    State.OPEN: gettext_lazy("can still be done"),
    State.MISSED: gettext_lazy("missed"),
}
GAINS = {
    Key.INVOLVEMENT: gettext_lazy("covering one open visit"),
    Key.COACHING: gettext_lazy("one coaching session"),
    Key.DOCUMENTED: gettext_lazy("one logged action"),
    Key.FOLLOW_THROUGH: gettext_lazy("acting on one deal that was brought"),
}


# --- the sentence and the line under it --------------------------------------------------------------


def short_names(pm: User, ae: User) -> tuple[str, str]:
    """What the two are called: by their first names, where these differ."""
    same = pm.short_name == ae.short_name
    return (pm.name, ae.name) if same else (pm.short_name, ae.short_name)


def sentence(card: JointScorecard, shown: Shown) -> str:
    """`Nora and Ana stand at 76.8: Nora owes six things now, Ana four.`"""
    pm, ae = short_names(card.pm, card.ae)
    parts = {"pm": pm, "ae": ae, "period": shown.label}
    standing = card.standing
    if standing.score is None:
        if not card.shared_count:
            return _("%(pm)s and %(ae)s share no deal in %(period)s.") % parts
        return _("%(pm)s and %(ae)s: too little to judge in %(period)s.") % parts
    parts["score"] = number(standing.score, 1)
    if not shown.is_running:
        return _("%(pm)s and %(ae)s stood at %(score)s in %(period)s.") % parts
    owed = _owed_by_both(pm, ae, standing.pm_side.owed, standing.ae_side.owed)
    return _("%(pm)s and %(ae)s stand at %(score)s: %(owed)s.") % {**parts, "owed": owed}


def _owed_by_both(pm: str, ae: str, of_pm: int, of_ae: int) -> str:
    if not of_pm and not of_ae:
        return _("nothing is owed now")
    if of_pm and of_ae:
        words = ngettext(
            "%(pm)s owes %(n)s thing now, %(ae)s %(m)s", "%(pm)s owes %(n)s things now, %(ae)s %(m)s", of_pm
        )
        return words % {"pm": pm, "ae": ae, "n": in_letters(of_pm), "m": in_letters(of_ae)}
    name, other, count = (pm, ae, of_pm) if of_pm else (ae, pm, of_ae)
    words = ngettext(
        "%(name)s owes %(n)s thing now, %(other)s nothing",
        "%(name)s owes %(n)s things now, %(other)s nothing",
        count,
    )
    return words % {"name": name, "other": other, "n": in_letters(count)}


def lead(card: JointScorecard, shown: Shown) -> str:
    """Why, and the cheapest gain."""
    if card.standing.score is None:
        return too_little(card)
    gain = _cheapest_gain(card) if shown.is_running else ""
    return " ".join(filter(None, [_who_keeps_what(card), gain]))


def too_little(card: JointScorecard) -> str:
    """Why there is no score."""
    sides = (card.standing.pm_side, card.standing.ae_side)
    names = [
        name for name, side in zip(short_names(card.pm, card.ae), sides, strict=True) if side.score is None
    ]
    return _(
        "A side is judged when at least two of its five ratios count something; not yet of %(names)s."
    ) % {"names": format_list(names, locale=reader_locale())}


def _who_keeps_what(card: JointScorecard) -> str:
    pm, ae = short_names(card.pm, card.ae)
    keeps = [(side.score or 0) > 50 for side in (card.standing.pm_side, card.standing.ae_side)]
    if all(keeps):
        return _("Each keeps most of what the other needs.")
    if not any(keeps):
        return _("Each keeps at most half of what the other needs.")
    good, other = (pm, ae) if keeps[0] else (ae, pm)
    words = _("%(good)s keeps most of what %(other)s needs; the other way round it is at most half.")
    return words % {"good": good, "other": other}


def _cheapest_gain(card: JointScorecard) -> str:
    """The single act that lifts its side most."""
    found = [
        (side, measure, after)
        for side in (card.standing.pm_side, card.standing.ae_side)
        for measure in side.measures
        if (after := _with_one_more(side, measure)) is not None
    ]
    if not found:
        return ""
    side, measure, after = max(found, key=lambda one: one[2] - (one[0].score or 0))
    name = short_names(card.pm, card.ae)[side is card.standing.ae_side]
    parts = {"act": GAINS[measure.key], "name": name}
    parts |= {"before": number(side.score or 0, 1), "after": number(after, 1)}
    return _("The cheapest gain: %(act)s takes %(name)s’s side from %(before)s to %(after)s.") % parts


def _with_one_more(side: Side, measure: Measure) -> Fraction | None:
    """The side's score with one more row of the component done; None where that cannot be."""
    open_rows = [row for row in (*measure.rows, *measure.lacking) if row.state == State.OPEN]
    if not open_rows or measure.key not in GAINS or measure.ratio in (None, 1):
        return None
    more = replace(measure.component, numerator=measure.numerator + 1)
    return side_score(more if one.key == measure.key else one.component for one in side.measures)


# --- rows --------------------------------------------------------------------------------------------


def what_is(key: Key, row: Row) -> str:
    """What a row is besides its deal: the visit, the obstacle, the promise, the session."""
    if row.visit is not None:
        until = _("today") if row.visit.ends_on is None else short_day(row.visit.ends_on)
        dates = {"stage": row.visit.stage, "start": short_day(row.visit.starts_on), "end": until}
        return _("%(stage)s, %(start)s to %(end)s") % dates
    if row.obstacle is not None:
        return row.obstacle.description
    if row.promise is not None:
        return row.promise.text
    if row.session is not None:
        return row.session.action_type.name
    if row.day == date.max:
        return _("A session expected")
    days = {
        Key.AT_THE_INK: _("closed %(day)s"),
        Key.FOLLOW_THROUGH: _("brought %(day)s"),
        Key.DOCUMENTED: _("open on %(day)s"),
    }
    return days[key] % {"day": short_day(row.day)} if key in days else ""


def counted(measure: Measure) -> str:
    """`17 of 21`; a number of sessions expected may be a fraction."""
    of = Fraction(measure.denominator)
    parts = {"done": number(measure.numerator), "of": number(of, 0 if of.denominator == 1 else 1)}
    return _("%(done)s of %(of)s") % parts


def seen_by(card: JointScorecard, reader: User, others: Sequence[str], most: int = NAMED) -> str:
    """Who sees these figures: the two, and so many others by name that no more than `most` are named."""
    rest = list(others)
    if len(rest) > most:
        rest = [*rest[: most - 1], _("%(n)s others") % {"n": number(len(rest) - most + 1)}]
    names = [_("the two of you")] if reader in (card.pm, card.ae) else list(short_names(card.pm, card.ae))
    return _("seen by %(names)s") % {"names": format_list([*names, *rest], locale=reader_locale())}


# --- the list ----------------------------------------------------------------------------------------


def pairs_sentence(found: Sequence[PairStanding], shown: Shown, reader: User) -> str:
    """`Four pairs share 23 deals in Q3 2026.` Of one's own: `You share 23 deals with four colleagues…`"""
    if not found:
        return _("No pairs in %(period)s.") % {"period": shown.label}
    deals = sum(one.shared for one in found)
    parts = {"n": in_letters(len(found)), "deals": number(deals), "period": shown.label}
    if all(reader in (one.pm, one.ae) for one in found):
        words = ngettext(
            "You share %(deals)s deals with %(n)s colleague in %(period)s.",
            "You share %(deals)s deals with %(n)s colleagues in %(period)s.",
            len(found),
        )
        return words % parts
    words = ngettext(
        "%(n)s pair shares %(deals)s deals in %(period)s.",
        "%(n)s pairs share %(deals)s deals in %(period)s.",
        len(found),
    )
    said = words % parts
    return said[:1].upper() + said[1:]


def deals_title(count: int) -> str:
    """`The nine deals`."""
    if not count:
        return _("The deals")
    return ngettext("The %(n)s deal", "The %(n)s deals", count) % {"n": in_letters(count)}


def all_teams() -> str:
    """The choice that narrows nothing."""
    return _("All teams")

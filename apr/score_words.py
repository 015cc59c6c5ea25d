"""What a scorecard says first: where somebody or a team stands, and what lies behind it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from apr.numbers import Number
from apr.periods_shown import Shown, label_of
from apr.scorecards import MemberScore, Score, TeamScorecard
from apr.scorecards.figures import Points
from apr.scoring import Status
from foundation.dated import DateRange
from foundation.wording import money_in_full, number, reader_locale, short_day

NAMES_SHOWN = 3  # with more people than this their number is said instead

VERDICTS = {
    Status.ON_TRACK: gettext_lazy("On track"),
    Status.AT_RISK: gettext_lazy("At risk"),
    Status.BEHIND: gettext_lazy("Behind"),
}
VERDICTS_ON_SOMEBODY = {
    Status.ON_TRACK: gettext_lazy("%(name)s is on track"),
    Status.AT_RISK: gettext_lazy("%(name)s is at risk"),
    Status.BEHIND: gettext_lazy("%(name)s is behind"),
}


def points_of(score: Score) -> str:
    """`42 of 60 points`; without a target the points alone."""
    counted = number(score.counted_points)
    if score.target is None:
        return ngettext("%(n)s point", "%(n)s points", score.counted_points) % {"n": counted}
    return _("%(n)s of %(target)s points") % {"n": counted, "target": number(score.target)}


def standing_of(score: Score) -> str:
    """`On track: 42 of 60 points`; the points alone without a target, or where nothing of it was owed."""
    if score.target == 0:
        return _("%(points)s, none expected") % {"points": points_of(replace(score, target=None))}
    words = points_of(score)
    return f"{VERDICTS[score.status]}: {words}" if score.status in VERDICTS else words


def person_sentence(score: Score, shown: Shown, name: str = "") -> str:
    """`Nora is on track: 42 of 60 points, 12 working days left.` Without a name it speaks of the reader."""
    words = points_of(score)
    if score.status == Status.NO_TARGET:
        words = f"{name}: {words}" if name else words
        return _("%(points)s in %(period)s.") % {"points": words, "period": shown.label}
    verdict = VERDICTS_ON_SOMEBODY[score.status] % {"name": name} if name else str(VERDICTS[score.status])
    if shown.is_running:
        parts = {"verdict": verdict, "points": words, "days": days_left(score)}
        return _("%(verdict)s: %(points)s, %(days)s.") % parts
    parts = {"verdict": verdict, "points": words, "period": shown.label}
    return _("%(verdict)s, %(period)s: %(points)s.") % parts


def person_lead(score: Score, shown: Shown, *, is_own: bool) -> str:
    """What was expected, and what it takes from here."""
    if score.target is None:
        return _("No target holds on these days, so nothing is judged.")
    if shown.is_over:
        return _("The period is over and judged by the whole of its target.")
    if not score.expected_to_date:
        return _("Nothing is expected yet.")
    expected = _("%(n)s were expected by yesterday.") % {"n": number(score.expected_to_date)}
    return " ".join(filter(None, [expected, what_it_takes(score, is_own=is_own)]))


def what_it_takes(score: Score, *, is_own: bool) -> str:
    """The points a working day that reach the target from here."""
    left = (score.target or Fraction(0)) - score.counted_points
    if left <= 0:
        return _("The target is reached.")
    if not score.working_days_left:
        return ""
    rate = left / score.working_days_left
    shown = {"rate": number(rate, 0 if rate == round(rate) else 1)}
    if not is_own:
        return _("It takes %(rate)s a working day from here.") % shown
    return (
        ngettext(
            "%(rate)s point a working day gets you there.",
            "%(rate)s points a working day gets you there.",
            1 if rate == 1 else 2,
        )
        % shown
    )


def rows_sentence(total: Points, shown: Shown) -> str:
    """`28 actions in October 2026, 55 points.`"""
    actions = ngettext("%(n)s action", "%(n)s actions", total.count) % {"n": number(total.count)}
    points = ngettext("%(n)s point", "%(n)s points", total.counted) % {"n": number(total.counted)}
    parts = {"actions": actions, "period": shown.label, "points": points}
    return _("%(actions)s in %(period)s, %(points)s.") % parts


def team_sentence(card: TeamScorecard, shown: Shown, quiet_deals: int) -> str:
    """`On track: 158 of 360 points. Jonas is behind, and 5 deals are silent.`"""
    if not card.members:
        return _("Nobody was in this team in %(period)s.") % {"period": shown.label}
    return " ".join(filter(None, [_opening(card, shown), _who_needs_somebody(card.members, quiet_deals)]))


def _opening(card: TeamScorecard, shown: Shown) -> str:
    total, won = card.total, card.results.won.amount
    if total.status == Status.NO_TARGET and won.minor:
        parts = {
            "points": points_of(total),
            "won": money_in_full(won),
            "period": label_of(card.results.period),
        }
        return _("%(points)s, and %(won)s won in %(period)s.") % parts
    if total.status == Status.NO_TARGET or not shown.is_running:
        return person_sentence(total, shown)
    return f"{VERDICTS[total.status]}: {points_of(total)}."


def team_lead(members: Sequence[MemberScore], shown: Shown, results_label: str) -> str:
    """How many stand where, and which days the figures are of."""
    counts = [
        ngettext("%(n)s person on track", "%(n)s people on track", n) % {"n": n}
        for n in [_how_many(members, Status.ON_TRACK)]
        if n
    ]
    counts += [_("%(n)s at risk") % {"n": n} for n in [_how_many(members, Status.AT_RISK)] if n]
    counts += [_("%(n)s behind") % {"n": n} for n in [_how_many(members, Status.BEHIND)] if n]
    counts += [_("%(n)s without a target") % {"n": n} for n in [_how_many(members, Status.NO_TARGET)] if n]
    standing = f"{', '.join(counts)}." if counts else ""
    if shown.label == results_label:
        return standing
    days = _("Points run for %(points)s, results for %(results)s: every target keeps its own period.")
    return f"{standing} {days % {'points': shown.label, 'results': results_label}}".strip()


def teams_sentence(scores: Sequence[Score], shown: Shown) -> str:
    """`3 of 5 teams are on track in September 2026.`"""
    if not scores:
        return _("There are no teams yet.")
    judged = [score for score in scores if score.status != Status.NO_TARGET]
    if not judged:
        words = ngettext("%(n)s team, no target yet.", "%(n)s teams, no targets yet.", len(scores))
        return words % {"n": len(scores)}
    good = sum(score.status == Status.ON_TRACK for score in judged)
    words = ngettext(
        "%(good)s of %(n)s team is on track in %(period)s.",
        "%(good)s of %(n)s teams are on track in %(period)s.",
        len(judged),
    )
    return words % {"good": good, "n": len(judged), "period": shown.label}


def numbers_in(numbers: Sequence[Number]) -> str:
    """Which figures stand under one another in a column: `sourced, then influenced`."""
    words = {"sourced_won": _("sourced"), "influenced_won": _("influenced"), "won": _("as account executive")}
    return _(", then ").join(words[one.metric] for one in numbers) if len(numbers) > 1 else ""


def names_among(members: Sequence[MemberScore]) -> dict[int, str]:
    """What each person of a team is called: by the first name, where it is nobody else's there."""
    first = Counter(member.user.short_name for member in members)
    return {
        user.pk: user.short_name if first[user.short_name] == 1 else user.name
        for user in (member.user for member in members)
    }


def membership_words(member: MemberScore, whole: DateRange) -> str:
    """What changes what is expected of a person: absence and days outside the team; else the working days."""
    outside = member.days != [whole]
    away = [_("away %(days)s") % {"days": _span(one)} for one in member.absent]
    inside = [_("here %(days)s") % {"days": _span(one)} for one in member.days] if outside else []
    if not member.days:
        return _("not here in this period")
    if words := [*inside, *away]:
        return ", ".join(words)
    days = member.score.working_days
    return ngettext("%(n)s working day", "%(n)s working days", days) % {"n": days}


def seen_by(names: Sequence[str]) -> str:
    """Who sees the reader's figures besides them."""
    if not names:
        return _("Seen by you alone.")
    others = list(names)
    if len(names) > NAMES_SHOWN:
        others = [*names[: NAMES_SHOWN - 1], _("%(n)s others") % {"n": len(names) - NAMES_SHOWN + 1}]
    return _("Seen by %(names)s.") % {"names": _listed([_("you"), *others])}


def _who_needs_somebody(members: Sequence[MemberScore], quiet_deals: int) -> str:
    for status, one, many in (
        (Status.BEHIND, _("%(names)s is behind"), _("%(names)s are behind")),
        (Status.AT_RISK, _("%(names)s is at risk"), _("%(names)s are at risk")),
    ):
        people = [member.user for member in members if member.score.status == status]
        if people:
            words = (one if len(people) == 1 else many) % {"names": _people(people, members)}
            return f"{words}{_and_quiet(quiet_deals)}."
    if quiet_deals:
        silent = ngettext("%(n)s deal is silent.", "%(n)s deals are silent.", quiet_deals)
        return silent % {"n": number(quiet_deals)}
    return ""


def _and_quiet(deals: int) -> str:
    if not deals:
        return ""
    return ngettext(", and %(n)s deal is silent", ", and %(n)s deals are silent", deals) % {
        "n": number(deals)
    }


def _people(people: Sequence[User], members: Sequence[MemberScore]) -> str:
    if len(people) > NAMES_SHOWN:
        return _("%(n)s people") % {"n": len(people)}
    names = names_among(members)
    return _listed([names[person.pk] for person in people])


def _listed(names: Sequence[str]) -> str:
    return format_list(names, locale=reader_locale())


def _how_many(members: Sequence[MemberScore], status: Status) -> int:
    return sum(member.score.status == status for member in members)


def days_left(score: Score) -> str:
    left = score.working_days_left
    return ngettext("%(n)s working day left", "%(n)s working days left", left) % {"n": left}


def _span(days: DateRange) -> str:
    """`7 to 11 Sep`, `28 Sep to 2 Oct`."""
    dates = days.days()
    first, last = short_day(dates[0]), short_day(dates[-1])
    if first == last:
        return first
    if dates[0].month == dates[-1].month and last.startswith(f"{dates[-1].day} "):
        first = str(dates[0].day)  # only where the day is written before its month
    return _("%(first)s to %(last)s") % {"first": first, "last": last}

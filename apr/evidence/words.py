"""The evidence in words. Never "causes": what was seen, how sure that is, and what could not be seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apr.evidence.logit import Estimate
from apr.evidence.study import ADVANCES, PEOPLE, WEEKS, Finding, Verdict
from apr.models import ActionCapacity
from foundation.wording import exact, number, percent

VERDICTS = {
    Verdict.FIRST: gettext_lazy("Actions come first"),
    Verdict.BOTH_WAYS: gettext_lazy("Goes both ways or hot deals"),
    Verdict.NO_LINK: gettext_lazy("No visible link"),
    Verdict.NOT_ENOUGH: gettext_lazy("Not enough data"),
}
SENTENCES = {
    Verdict.FIRST: gettext_lazy("Actions come first: deals that saw recent actions move on more often."),
    Verdict.BOTH_WAYS: gettext_lazy(
        "It goes both ways, or some deals are hot: who came first cannot be told."
    ),
    Verdict.NO_LINK: gettext_lazy("No visible link between recent actions and deals that move on."),
    Verdict.NOT_ENOUGH: gettext_lazy("Not enough data to tell whether actions precede results."),
}


def finding_from(kept: Mapping[str, Any]) -> Finding:
    """A finding as it was stored."""
    values = dict(kept)
    for name in ("effect", "placebo"):
        if values[name] is not None:
            values[name] = Estimate(**values[name])
    values["verdict"] = Verdict(values["verdict"])
    return Finding(**values)


def shares(*values: float) -> list[str]:
    """Shares as per cent; with a decimal where whole ones would hide that they differ."""
    whole = [percent(value) for value in values]
    if len(set(whole)) == len(set(values)):
        return whole
    return [_in_tenths(value) for value in values]


def _in_tenths(value: float) -> str:
    return _("%(value)s%%") % {"value": number(exact(value) * 100, 1)}


def sentence(finding: Finding) -> str:
    """The verdict as somebody could say it aloud."""
    return str(SENTENCES[finding.verdict])


def lead(finding: Finding, actions: int) -> str:
    """The effect in plain words, or what is lacking."""
    if finding.effect is None:
        return lacking(finding, actions)
    if not finding.is_clean:
        recent, without = shares(finding.recent or 0, finding.without or 0)
        words = _(
            "With three actions in the two weeks before, %(recent)s of deals advance in a week; without any, "
            "%(without)s. The placebo is not clean: how far off this may be cannot be told, so no "
            "interval is given."
        )
        return words % {"recent": recent, "without": without}
    recent, without, low, high = shares(
        finding.recent or 0, finding.without or 0, finding.recent_low or 0, finding.recent_high or 0
    )
    words = _(
        "With three actions in the two weeks before, %(recent)s of deals advance in a week; without any, "
        "%(without)s. With three it could be anything between %(low)s and %(high)s."
    )
    return words % {"recent": recent, "without": without, "low": low, "high": high}


def placebo_words(finding: Finding) -> str:
    """What the placebo showed: next week's actions cannot have led to this week's advance."""
    if finding.effect is None:
        return ""
    if finding.verdict == Verdict.BOTH_WAYS:
        return _(
            "The placebo is not clean: the actions of the week after go with advances too, and those cannot "
            "have led to them. Either advances are followed by more work, or some deals are hot and get "
            "both. So no verdict is given in favour."
        )
    if finding.follows:
        return _("What can be seen is the reverse: after an advance, more is done than elsewhere.")
    return _(
        "The placebo is clean: the actions of the week after, which cannot have led to an advance, do not go "
        "with it."
    )


def smallest_words(finding: Finding) -> str:
    """What this much data would have shown."""
    if finding.smallest is None or finding.without is None or not finding.is_clean:
        return ""
    smallest, without = shares(finding.smallest, finding.without)
    words = _(
        "This much data shows, four times in five, a difference as small as %(smallest)s against "
        "%(without)s; a smaller one it can miss."
    )
    return words % {"smallest": smallest, "without": without}


def lacking(finding: Finding, actions: int) -> str:
    """What there is, and what it takes; `actions` are those on the deals."""
    if finding.rows and not actions:
        return _(
            "No action is logged on any of these deals, so there is nothing to compare. A pipeline that was "
            "brought in without its actions says what was won, not what came before."
        )
    needed = _("It takes %(people)s people, %(weeks)s weeks and %(advances)s advances of open deals.") % {
        "people": PEOPLE,
        "weeks": WEEKS,
        "advances": ADVANCES,
    }
    if finding.people >= PEOPLE and finding.weeks >= WEEKS and finding.advances >= ADVANCES:
        return _("There are no actions on these deals that could be compared, or none that differ enough.")
    there = [
        ngettext("%(n)s person", "%(n)s people", finding.people) % {"n": number(finding.people)},
        ngettext("%(n)s week", "%(n)s weeks", finding.weeks) % {"n": number(finding.weeks)},
        ngettext("%(n)s advance", "%(n)s advances", finding.advances) % {"n": number(finding.advances)},
    ]
    return _("%(needed)s There are %(people)s, %(weeks)s and %(advances)s.") % {
        "needed": needed, "people": there[0], "weeks": there[1], "advances": there[2],
    }  # fmt: skip


def question_name(key: str, types: Mapping[int, str]) -> str:
    """What a question of the family asks about."""
    kind, _colon, rest = key.partition(":")
    if kind == "type":
        return types.get(int(rest), "")
    if kind == "capacity":
        return str(ActionCapacity(rest).label)
    return _("All actions, early stages") if rest == "early" else _("All actions, late stages")


@dataclass(frozen=True)
class Question:
    """A question of the family with its answer in words."""

    name: str
    verdict: str
    is_told: bool
    recent: str
    without: str
    between: str
    smallest: str
    advances: int
    people: int


def question(finding: Finding, types: Mapping[int, str]) -> Question:
    """One line of the table; an interval takes a clean placebo."""
    told = finding.effect is not None
    values = (finding.recent, finding.without, finding.recent_low, finding.recent_high, finding.smallest)
    cells = [_in_tenths(value or 0) if told else "–" for value in values]
    if not finding.is_clean:
        cells[2:] = ["–"] * 3
    return Question(
        name=question_name(finding.key, types),
        verdict=str(VERDICTS[finding.verdict]),
        is_told=told,
        recent=cells[0],
        without=cells[1],
        between=_("%(low)s to %(high)s") % {"low": cells[2], "high": cells[3]} if finding.is_clean else "–",
        smallest=cells[4],
        advances=finding.advances,
        people=finding.people,
    )

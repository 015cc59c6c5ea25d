"""The evidence in words. Never "causes": what was seen, how sure that is, and what could not be seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apr.evidence.logit import Estimate
from apr.evidence.study import ADVANCES, PEOPLE, WEEKS, Finding, Verdict
from apr.models import ActionCapacity
from foundation.wording import Number, exact, number, percent

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


def lead(finding: Finding) -> str:
    """The effect in plain words, or what is lacking."""
    if finding.effect is None:
        return lacking(finding)
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
    if finding.smallest is None or finding.without is None:
        return ""
    smallest, without = shares(finding.smallest, finding.without)
    words = _(
        "This much data shows, four times in five, a difference as small as %(smallest)s against "
        "%(without)s; a smaller one it can miss."
    )
    return words % {"smallest": smallest, "without": without}


def lacking(finding: Finding) -> str:
    """What there is, and what it takes."""
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
    """One line of the table."""
    told = finding.effect is not None
    cells = ["–"] * 5
    if told:
        values = (
            finding.recent, finding.without, finding.recent_low, finding.recent_high, finding.smallest
        )  # fmt: skip
        cells = [_in_tenths(value or 0) for value in values]
    return Question(
        name=question_name(finding.key, types),
        verdict=str(VERDICTS[finding.verdict]),
        is_told=told,
        recent=cells[0],
        without=cells[1],
        between=_("%(low)s to %(high)s") % {"low": cells[2], "high": cells[3]} if told else "–",
        smallest=cells[4],
        advances=finding.advances,
        people=finding.people,
    )


COMPARISONS = {
    "involved": (
        gettext_lazy("Win rate with a partner manager"),
        gettext_lazy("with an action of a partner manager by the close"),
        gettext_lazy("without"),
    ),
    "at_the_ink": (
        gettext_lazy("Win rate with a partner manager at the ink"),
        gettext_lazy("with one in the last 14 days"),
        gettext_lazy("without"),
    ),
    "cleared": (
        gettext_lazy("Win rate where obstacles were cleared"),
        gettext_lazy("every obstacle cleared by the close"),
        gettext_lazy("one or more still there"),
    ),
    "coached": (
        gettext_lazy("Days in stage with coaching in the first week"),
        gettext_lazy("coached in the first week"),
        gettext_lazy("not coached by then"),
    ),
}


@dataclass(frozen=True)
class Side:
    """One of two groups: its figure, of how many, and where its rows are."""

    name: str
    is_shown: bool
    figure: str
    of: str
    between: str
    part: float
    url: str
    part_url: str


@dataclass(frozen=True)
class Beside:
    """A comparison in words."""

    key: str
    title: str
    sides: list[Side]
    said: str
    curves: tuple[list[float], list[float]] | None = None


def beside(kept: Mapping[str, Any], team: int) -> Beside:
    """A comparison as it was stored."""
    key = kept["key"]
    title, *names = (str(words) for words in COMPARISONS[key])
    is_rate = kept["kind"] == "win_rate"
    side = _rate_side if is_rate else _days_side
    sides = [
        side(kept[group], name, rows_url(team, f"{key}.{group}"), shown=bool(kept["is_shown"]))
        for group, name in zip(("with", "without"), names, strict=True)
    ]
    said, curves = _gap_words(kept) if is_rate else _days_words(kept), None
    if not is_rate and kept["is_shown"]:
        curves = (kept["with"]["curve"], kept["without"]["curve"])
    return Beside(key, title, sides, said, curves)


def rows_url(team: int, of: str) -> str:
    """The deals behind a figure."""
    query = urlencode([("team", team), ("of", of)])
    return f"{reverse('apr:evidence_rows')}?{query}"


def _rate_side(kept: Mapping[str, Any], name: str, url: str, *, shown: bool) -> Side:
    value: Number = kept["part"] / kept["whole"] if kept["whole"] else 0
    low, high = shares(kept["low"], kept["high"])
    return Side(
        name=name,
        is_shown=shown,
        figure=percent(value),
        of=_("%(part)s of %(whole)s won") % {"part": number(kept["part"]), "whole": number(kept["whole"])},
        between=_("%(low)s to %(high)s") % {"low": low, "high": high},
        part=float(value),
        url=url,
        part_url=f"{url}.won",
    )


def _days_side(kept: Mapping[str, Any], name: str, url: str, *, shown: bool) -> Side:
    median = kept["median"]
    days = number(median) if median is not None else ""
    return Side(
        name=name,
        is_shown=shown,
        figure=_("%(days)s days") % {"days": days} if days else _("over half still there"),
        of=_("%(moved)s of %(whole)s visits moved on")
        % {"moved": number(kept["moved"]), "whole": number(kept["whole"])},
        between="",
        part=0,
        url=url,
        part_url="",
    )


def _gap_words(kept: Mapping[str, Any]) -> str:
    if not kept["is_shown"]:
        return _("One of the groups has fewer than 20 deals, so neither is shown.")
    gap, low, high = (number(exact(value) * 100, 0) for value in kept["gap"])
    words = (
        _("A difference of %(gap)s points, between %(low)s and %(high)s.")
        if kept["gap"][1] > 0 or kept["gap"][2] < 0
        else _("A difference of %(gap)s points, between %(low)s and %(high)s: it may be none.")
    )
    return words % {"gap": gap, "low": low, "high": high}


def _days_words(kept: Mapping[str, Any]) -> str:
    if not kept["is_shown"]:
        return _("One of the groups has fewer than 20 visits, so neither is shown.")
    if kept["p"] < 0.05:
        return _("The two curves differ by more than chance makes (log-rank p %(p)s).") % {
            "p": number(kept["p"], 3)
        }
    return _("The two curves differ no more than chance makes (log-rank p %(p)s).") % {
        "p": number(kept["p"], 2)
    }


def rows_name(of: str) -> str:
    """What the deals behind a figure have in common."""
    key, _dot, rest = of.partition(".")
    if key == "advanced":
        return _("Deals that advanced")
    if key == "deals":
        return _("Deals looked at")
    title, *names = COMPARISONS[key]
    group = names[0] if rest.startswith("with") and not rest.startswith("without") else names[1]
    name = _("%(title)s: %(group)s") % {"title": title, "group": group}
    return _("%(name)s, won") % {"name": name} if rest.endswith(".won") else name

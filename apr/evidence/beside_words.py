"""What stands beside the verdict, in words: comparisons of groups as they are, each side with its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apr.evidence.quartiles import QUARTILES
from apr.evidence.words import shares
from foundation.wording import Number, exact, number, percent

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
    "quartiles": (
        gettext_lazy("Attainment by points of the month before"),
        gettext_lazy("lowest quartile by points"),
        gettext_lazy("second quartile"),
        gettext_lazy("third quartile"),
        gettext_lazy("highest quartile by points"),
    ),
}


@dataclass(frozen=True)
class Side:
    """One of the groups: its figure, of how many, and where its rows are.

    `top` is what a full bar stands for; 0 where there is none.
    """

    name: str
    is_shown: bool
    figure: str
    of: str
    between: str
    part: float
    url: str
    part_url: str
    top: float
    whole: int = 0
    people: int = 0


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
    key, kind = kept["key"], kept["kind"]
    title, *names = (str(words) for words in COMPARISONS[key])
    side, say = KINDS[kind]
    groups = QUARTILES if kind == "attainment" else ("with", "without")
    sides = [
        side(kept[group], name, rows_url(team, f"{key}.{group}"), shown=bool(kept["is_shown"]))
        for group, name in zip(groups, names, strict=True)
    ]
    curves = None
    if kind == "days" and kept["is_shown"]:
        curves = (kept["with"]["curve"], kept["without"]["curve"])
    if kind == "attainment":
        top = max(1, *(one.part for one in sides))
        sides = [replace(one, top=top) for one in sides]
    return Beside(key, title, sides, say(kept), curves)


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
        top=1,
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
        top=0,
    )


def _attainment_side(kept: Mapping[str, Any], name: str, url: str, *, shown: bool) -> Side:
    low, high = shares(kept["low"], kept["high"]) if shown else ("", "")
    return Side(
        name=name,
        is_shown=shown,
        figure=percent(kept["mean"]) if shown else "",
        of="",
        between=_("%(low)s to %(high)s") % {"low": low, "high": high} if shown else "",
        part=max(kept["mean"], 0) if shown else 0,
        url=url,
        part_url="",
        top=1,
        whole=kept["whole"],
        people=kept["people"],
    )


def _attainment_words(kept: Mapping[str, Any]) -> str:
    if not kept["is_shown"]:
        return _("One of the quartiles has fewer than 20 months, or 5 people, so none is shown.")
    gap, low, high = shares(*kept["gap"])
    words = (
        _("From the lowest to the highest it is %(gap)s of the target more, between %(low)s and %(high)s.")
        if kept["gap"][1] > 0 or kept["gap"][2] < 0
        else _(
            "From the lowest to the highest it is %(gap)s of the target more, between %(low)s and %(high)s: "
            "it may be nothing."
        )
    )
    return words % {"gap": gap, "low": low, "high": high}


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


LOOKED_AT = {"deals": gettext_lazy("Deals looked at"), "advanced": gettext_lazy("Deals that advanced")}
WHICH = {
    "all": "",
    "managed": gettext_lazy("with a partner manager"),
    "early": gettext_lazy("in early stages"),
    "late": gettext_lazy("in late stages"),
}
KINDS = {
    "win_rate": (_rate_side, _gap_words),
    "days": (_days_side, _days_words),
    "attainment": (_attainment_side, _attainment_words),
}


def rows_name(of: str) -> str:
    """What the rows behind a figure have in common."""
    key, _dot, rest = of.partition(".")
    if key in LOOKED_AT:
        words, which = LOOKED_AT[key], WHICH[rest]
        return _("%(deals)s, %(which)s") % {"deals": words, "which": which} if which else str(words)
    title, *names = COMPARISONS[key]
    if key == "quartiles":
        return _("%(title)s: %(group)s") % {"title": title, "group": names[QUARTILES.index(rest)]}
    group = names[0] if rest.startswith("with") and not rest.startswith("without") else names[1]
    name = _("%(title)s: %(group)s") % {"title": title, "group": group}
    return _("%(name)s, won") % {"name": name} if rest.endswith(".won") else name

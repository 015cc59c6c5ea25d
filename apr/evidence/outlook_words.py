"""The outlook of a quarter in words: what it should win, or why nothing can be said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apr.evidence.forecast import INTERVAL, NEEDED, TAUGHT_BY, Backtest, Outlook, PastQuarter
from foundation.money import Money
from foundation.wording import money_in_thousands, number, percent

CHANGES = {
    "won": gettext_lazy("Won"),
    "lost": gettext_lazy("Lost"),
    "added": gettext_lazy("Added"),
    "progressed": gettext_lazy("Progressed"),
    "pushed": gettext_lazy("Pushed"),
    "shrunk": gettext_lazy("Shrunk"),
}
CHANGES_MEAN = {
    "won": gettext_lazy("closed and won"),
    "lost": gettext_lazy("closed and lost"),
    "added": gettext_lazy("new, or opened again"),
    "progressed": gettext_lazy("in a later stage"),
    "pushed": gettext_lazy("expected to close later"),
    "shrunk": gettext_lazy("worth less"),
}
EXPECTED = {
    "won": gettext_lazy("Won so far"),
    "commit": gettext_lazy("Commit"),
    "best_case": gettext_lazy("Best case"),
    "pipeline": gettext_lazy("Pipeline"),
}


@dataclass(frozen=True)
class Kept:
    """An outlook with its backtest as it was stored."""

    outlook: Outlook | None
    test: Backtest
    keys: list[str]
    currency: str
    unpriced: int

    @property
    def is_shown(self) -> bool:
        """Whether the forecast may be believed."""
        return self.outlook is not None and self.test.holds

    def money(self, minor: float) -> str:
        """A sum, rounded to thousands: nothing finer is known."""
        return money_in_thousands(Money(round(minor), self.currency))


def kept_from(stored: Mapping[str, Any]) -> Kept | None:
    """What was stored of a quarter; None where there is no history at all."""
    if not stored:
        return None
    outlook = Outlook(**stored["outlook"]) if stored["outlook"] else None
    tested = [
        PastQuarter(one["quarter"], Outlook(**one["outlook"]), one["actual"]) for one in stored["tested"]
    ]
    keys = [one["key"] for one in stored["tested"]]
    return Kept(outlook, Backtest(tested), keys, stored["currency"], stored["unpriced"])


def sentence(kept: Kept | None, quarter: str) -> str:
    """The forecast as somebody could say it aloud, or that there is none."""
    if kept is None or kept.outlook is None or not kept.is_shown:
        return _("No forecast for %(quarter)s.") % {"quarter": quarter}
    one = kept.outlook
    return _("%(quarter)s should win %(value)s, between %(low)s and %(high)s.") % {
        "quarter": quarter,
        "value": kept.money(one.value),
        "low": kept.money(one.low),
        "high": kept.money(one.high),
    }


def lead(kept: Kept | None) -> str:
    """What the forecast rests on, or everything that speaks against one."""
    if kept is None:
        return _("There are no deals with a history yet.")
    if kept.is_shown:
        words = _(
            "In the last %(n)s quarters, forecast from what was known at the same point, the interval held "
            "%(held)s times, and the forecast was closer than both simple rules."
        )
        return words % {"n": number(len(kept.test.tested)), "held": number(kept.test.covered)}
    return " ".join(_reasons(kept.test, kept))


def _reasons(test: Backtest, kept: Kept) -> list[str]:
    reasons = []
    n = len(test.tested)
    if not test.is_long_enough:
        words = _(
            "It takes %(needed)s past quarters that were recorded as they went and that %(before)s others "
            "precede; there are %(n)s."
        )
        reasons.append(words % {"needed": number(NEEDED), "before": number(TAUGHT_BY), "n": number(n)})
    if n and not test.is_honest:
        words = ngettext(
            "In %(n)s past quarter the interval held %(held)s times, where %(share)s would be honest.",
            "In %(n)s past quarters the interval held %(held)s times, where %(share)s would be honest.",
            n,
        )
        reasons.append(words % {"n": number(n), "held": number(test.covered), "share": percent(INTERVAL)})
    if n and not test.is_better:
        words = _(
            "On average it would have missed by %(error)s; the mean of past quarters by %(mean)s, the "
            "stage-weighted sum by %(weighted)s."
        )
        reasons.append(
            words
            % {
                "error": kept.money(test.error),
                "mean": kept.money(test.mean_error),
                "weighted": kept.money(test.weighted_error),
            }
        )
    return reasons


@dataclass(frozen=True)
class Figure:
    """A count and a sum of deals that open."""

    key: str
    name: str
    note: str
    count: int
    amount: str
    url: str
    is_current: bool


def name_of(opened: str) -> str:
    """The figure whose rows are shown."""
    known = {**EXPECTED, **{f"change.{kind}": name for kind, name in CHANGES.items()}}
    return str(known[opened]) if opened else ""

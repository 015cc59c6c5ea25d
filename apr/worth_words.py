"""Suggested points in words: what an hour of a kind of action goes with, and why there are points or none."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apr.evidence.words import VERDICTS
from apr.suggested_points import FEWEST, Worth
from foundation.wording import exact, number


@dataclass(frozen=True)
class WorthLine:
    """A line of the table."""

    kind: str
    verdict: str
    is_in_favour: bool
    an_hour: str
    between: str
    takes: str
    timed: int
    points: int
    suggested: int | None
    note: str


def worth_line(one: Worth) -> WorthLine:
    """A kind of action with its reason."""
    an_hour = between = ""
    if one.an_hour:
        an_hour, low, high = (_of_100(value) for value in one.an_hour)
        between = _("%(low)s to %(high)s") % {"low": low, "high": high}
    return WorthLine(
        kind=one.kind.name,
        verdict=str(VERDICTS[one.finding.verdict]) if one.finding else "",
        is_in_favour=one.is_in_favour,
        an_hour=_("+%(n)s of 100") % {"n": an_hour} if an_hour else "",
        between=between,
        takes=_("%(n)s min") % {"n": number(one.minutes)} if one.minutes else "",
        timed=one.timed,
        points=one.points,
        suggested=one.suggested,
        note=_note(one),
    )


def _note(one: Worth) -> str:
    if not one.is_in_favour:
        return ""
    if one.timed < FEWEST:
        return _("In its favour, but hardly ever logged with minutes: what an hour goes with is not known.")
    if one.suggested is None:
        return _("In its favour, but there is no other kind to weigh it against.")
    return _("One goes with %(gain)s more of 100 deals that advance in a week.") % {"gain": _of_100(one.gain)}


def _of_100(share: float) -> str:
    return number(exact(share) * 100, 1)

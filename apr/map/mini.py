"""The map in miniature, 20 high: a line from the opening to the ink, ticks above it for the partner manager
and below it for the account executive, a red span for a gap.

It stands on the scale and tells the gaps of the whole map. Places are percent of its width, so that it fits
any card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.calendar import WorkingCalendar
from apr.involvement import Silence, silences_in

from .marks import dimension, extent
from .scale import Scale
from .sheet import Sheet
from .story import gaps_among

SIX_WEEKS = timedelta(weeks=6)
WIDTH, HEIGHT, MIDDLE = 100, 20, 10
TICKS = {"pm": 2, "ae": 11}  # where the ticks of each begin
TICK = 7
GAP = 6


@dataclass(frozen=True)
class Glance:
    """What is seen of a deal in passing: the days on which it was open, and those of its actions.

    `spans` end on the day of the close, None while it is open. Of the partner manager's days before the
    drawing only the last one need be known.
    """

    spans: Sequence[tuple[date, date | None]]
    has_pm: bool
    pm: Sequence[date]
    ae: Sequence[date]


@dataclass(frozen=True)
class Miniature:
    """The drawing, and what can be said of it: days with an action in it, and for how many working days the
    partner manager has been silent now; None where the deal is closed or nobody is assigned."""

    sheet: Sheet
    pm_days: int
    ae_days: int
    last_pm: date | None
    has_pm: bool
    silent_now: int | None
    is_silent: bool


def six_weeks(today: date) -> Scale:
    """The scale of lists and cards: today at the right end."""
    return Scale(today - SIX_WEEKS, today + timedelta(days=1), WIDTH)


def draw_mini(
    glance: Glance,
    scale: Scale,
    *,
    today: date,
    calendar: WorkingCalendar,
    allowed: int,
    past_gaps: bool = False,
) -> Miniature:
    """A deal on a scale. Without a partner manager nobody is silent.

    Of the gaps the one that still runs is drawn, so that red says where to act now; `past_gaps` draws all.
    """
    last = max((day for day in glance.pm if day <= today), default=None)
    silences = [
        one
        for span in (glance.spans if glance.has_pm else [])
        for one in silences_in(span, [day for day in glance.pm if day <= today], calendar, today)
    ]
    now = silences[-1].days if silences and silences[-1].runs else None
    sheet = Sheet(WIDTH, HEIGHT)
    _ground(sheet, scale, glance, today)
    for gap in gaps_among(silences, allowed):
        if gap.runs or past_gaps:
            _gap(sheet, scale, gap)
    seen = {"pm": _within(scale, glance.pm, today), "ae": _within(scale, glance.ae, today)}
    for whose, days in seen.items():
        _ticks(sheet, scale, days, whose)
    return Miniature(
        sheet=sheet,
        pm_days=len(seen["pm"]),
        ae_days=len(seen["ae"]),
        last_pm=last,
        has_pm=glance.has_pm,
        silent_now=now,
        is_silent=now is not None and now > allowed,
    )


def _ground(sheet: Sheet, scale: Scale, glance: Glance, today: date) -> None:
    """A line while the deal is open, with a cap where it opens and the ink where it closes."""
    for start, end in glance.spans:
        if start >= scale.end or (end or today) < scale.start:
            continue
        left = scale.at(start)
        cap = f"M{left:.1f} 7v6" if start > scale.start else ""
        closes = end is not None and end < scale.end
        right = scale.middle(end) if end is not None and closes else scale.at(scale.end)
        sheet.path(f"{cap}M{left:.1f} {MIDDLE}H{right:.1f}", "ground")
        if closes:
            sheet.path(f"M{right:.1f} 1v18", "ink")


def _gap(sheet: Sheet, scale: Scale, gap: Silence) -> None:
    """The dimension line of a gap; where it goes on beyond the drawing it has no end."""
    if gap.until <= scale.start or (gap.after or gap.since) >= scale.end:
        return
    begins, ends = (gap.after or gap.since) >= scale.start, gap.until < scale.end
    first, last = extent(gap, scale)
    start, end = first if begins else scale.at(scale.start), last if ends else scale.at(scale.end)
    sheet.path(dimension(start, end, GAP, 3, begins=begins, ends=ends), "gap")


def _within(scale: Scale, days: Sequence[date], today: date) -> list[date]:
    return sorted({day for day in days if scale.start <= day < scale.end and day <= today})


def _ticks(sheet: Sheet, scale: Scale, days: Sequence[date], whose: str) -> None:
    if days:
        ticks = (f"M{scale.middle(day):.1f} {TICKS[whose]}v{TICK}" for day in days)
        sheet.path("".join(ticks), f"tick is-{whose}")

"""The joint scorecard of a pair as its page shows it: cells, strips and columns, as plain things to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.calendar import WorkingCalendar
from apr import pair_words as words
from apr.joint import JointScorecard, Key, Measure, PairStanding, Row, Shared, Standing, State
from apr.map.mini import Glance, Miniature, draw_mini
from apr.map.scale import Scale
from apr.pair_owed import owed_now
from apr.periods import Period, PeriodKind
from apr.periods_shown import label_of
from foundation.charts import share
from foundation.wording import month_name, number, short_day
from opportunities.measures import Measures
from opportunities.models import Opportunity
from opportunities.visits import open_spans

MOST_CELLS = 60  # more would be thinner than can be seen: then the parts are drawn as one bar
ORDER = (State.DONE, State.OPEN, State.MISSED)
LOOKS = {State.DONE: "done", State.OPEN: "still", State.MISSED: "missed"}


# --- the two sides -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A row behind a component, as the page of rows lists it; `place` numbers it."""

    place: int
    row: Row
    what: str
    deal: Opportunity | None
    state: str
    look: str

    @property
    def has_day(self) -> bool:
        """Whether it has a day of its own; a session that is only expected has none."""
        return self.row.day != date.max


@dataclass(frozen=True)
class Part:
    """One component of a side. `lines` are its rows, done ones first; `url` opens them."""

    measure: Measure
    whose: str
    name: str
    counted: str
    what: str
    lines: list[Line]
    url: str
    owed: SafeString | str

    @property
    def score(self) -> Fraction | None:
        """The ratio as it enters the side: 0 to 100; None where there is nothing to count."""
        return None if self.measure.ratio is None else self.measure.ratio * 100

    @property
    def shares(self) -> list[tuple[str, float, float]]:
        """The cells as one bar, where they are too many: look, begin and width in percent."""
        if len(self.lines) <= MOST_CELLS:
            return []
        counts = [sum(line.row.state == state for line in self.lines) for state in ORDER]
        widths = [share(count, len(self.lines)) for count in counts]
        return [
            (LOOKS[state], sum(widths[:at]), width)
            for at, (state, width) in enumerate(zip(ORDER, widths, strict=True))
            if width
        ]


def part_of(card: JointScorecard, key: Key) -> Part:
    """One component with its rows in the words of the page."""
    measure = card.standing.measure(key)
    rows = sorted((*measure.rows, *measure.lacking), key=lambda row: ORDER.index(row.state))
    is_pm = measure in card.standing.pm_side.measures
    return Part(
        measure=measure,
        whose="pm" if is_pm else "ae",
        name=str(words.NAMES[key]),
        counted=words.counted(measure),
        what=str(words.COUNTED[key]),
        lines=[_line(card, key, place, row) for place, row in enumerate(rows, 1)],
        url=rows_url(card, key),
        owed=owed_now(card, measure),
    )


def _line(card: JointScorecard, key: Key, place: int, row: Row) -> Line:
    deal = None if row.deal_id is None else card.deals.get(row.deal_id)
    return Line(place, row, words.what_is(key, row), deal, str(words.STATES[row.state]), LOOKS[row.state])


def is_weighted(card: JointScorecard) -> bool:
    """Whether some components count more than others, or do not count."""
    return len({measure.weight for measure in card.standing.measures}) > 1


def both_sides(card: JointScorecard) -> list[tuple[Part, Part]]:
    """Like beside like: what the partner manager owes, and what the account executive does."""
    left, right = card.standing.pm_side.measures, card.standing.ae_side.measures
    return [(part_of(card, one.key), part_of(card, two.key)) for one, two in zip(left, right, strict=True)]


def pair_url(name: str, pm_id: int, ae_id: int, period: Period, **query: str) -> str:
    """A page of a pair for a period."""
    return f"{reverse(name, args=[pm_id, ae_id])}?{urlencode({'period': period.key, **query})}"


def rows_url(card: JointScorecard, key: Key) -> str:
    """The page with the rows of a component."""
    return pair_url("apr:pair_rows", card.pm.pk, card.ae.pk, card.period, component=key)


# --- the shared deals --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Strip:
    """A shared deal with its miniature over the period, and the stage that it had on its last day there."""

    deal: Opportunity
    stage: str
    is_open: bool
    mini: Miniature


@dataclass(frozen=True)
class Tick:
    """A word on the axis of the strips, at so many percent."""

    at: float
    words: str
    anchor: str = "start"


def strips_scale(period: Period, today: date) -> Scale:
    """The days of a period that have come."""
    return Scale(period.start, max(min(period.end, today + timedelta(days=1)), period.start), 100)


def strips(card: JointScorecard, measures: Measures) -> list[Strip]:
    """The deals, open ones by their close, then the closed, the last first."""
    scale = strips_scale(card.period, card.today)
    found = [
        _strip(one, scale, measures.calendar, measures.organisation.silence_days, card.today)
        for one in card.shared
    ]
    latest = date.max.toordinal()

    def order(strip: Strip) -> tuple[bool, int, str]:
        deal = strip.deal
        if strip.is_open:
            return False, (deal.expected_close_on or date.max).toordinal(), deal.name
        return True, latest - (deal.closed_on or date.max).toordinal(), deal.name

    return sorted(found, key=order)


def _strip(one: Shared, scale: Scale, calendar: WorkingCalendar, allowed: int, today: date) -> Strip:
    story = one.story
    glance = Glance(
        spans=open_spans(story.visits),
        has_pm=True,
        pm=[deed.occurred_on for deed in story.deeds if deed.is_pm],
        ae=[deed.occurred_on for deed in story.deeds if deed.is_ae],
    )
    mini = draw_mini(glance, scale, today=today, calendar=calendar, allowed=allowed, past_gaps=True)
    stages = [visit.stage for visit in story.visits if visit.starts_on <= one.last_day]
    return Strip(story.deal, stages[-1], one.is_open, mini)


def axis(card: JointScorecard) -> list[Tick]:
    """Months where there are several, else the first day; and the last day."""
    scale = strips_scale(card.period, card.today)
    last = scale.end - timedelta(days=1)
    if last < scale.start:
        return []
    is_long = card.period.kind in (PeriodKind.QUARTER, PeriodKind.YEAR)
    firsts = list(scale.months()) if is_long else [scale.start]
    write, end = (month_name, str(last.day)) if is_long else (short_day, short_day(last))
    ticks = [Tick(round(scale.at(first), 1), write(first)) for first in firsts]
    return [*(tick for tick in ticks if tick.at < 90), Tick(100, end, "end")]


def strips_span(card: JointScorecard) -> str:
    """`1 Jul to 15 Sep`: the days that the strips show."""
    scale = strips_scale(card.period, card.today)
    days = {"first": short_day(scale.start), "last": short_day(scale.end - timedelta(days=1))}
    return _("%(first)s to %(last)s") % days


# --- the trend ---------------------------------------------------------------------------------------

BASE, TALL = 132, 100  # where columns stand, and how high 100 is


@dataclass(frozen=True)
class Step:
    """A period of the trend: a column for each side and a rule for both, in percent across and pixels up."""

    standing: Standing
    label: str
    url: str
    is_shown: bool
    left: float
    width: float
    pm_height: int
    ae_height: int
    joint_y: int | None

    @property
    def middle(self) -> float:
        """Where the partner manager's column ends and the account executive's begins."""
        return round(self.left + self.width, 2)

    @property
    def both(self) -> float:
        """How wide the two are."""
        return 2 * self.width

    @property
    def pm_y(self) -> int:
        """The top of the partner manager's column."""
        return BASE - self.pm_height

    @property
    def ae_y(self) -> int:
        """The top of the account executive's column."""
        return BASE - self.ae_height

    @property
    def above(self) -> int:
        """Where the number stands: over both."""
        return min(self.pm_y, self.ae_y) - 6


def trend(card: JointScorecard, standings: Sequence[Standing]) -> list[Step]:
    """Period by period; nothing where only one of them can be judged."""
    if sum(one.score is not None for one in standings) < 2:
        return []
    room = 100 / len(standings)
    return [
        Step(
            standing=one,
            label=label_of(one.period),
            url=pair_url("apr:pair", card.pm.pk, card.ae.pk, one.period),
            is_shown=one.period == card.period,
            left=round(room * (at + 0.3), 2),
            width=round(room * 0.2, 2),
            pm_height=_height(one.pm_side.score),
            ae_height=_height(one.ae_side.score),
            joint_y=None if one.score is None else BASE - round(one.score * TALL / 100),
        )
        for at, one in enumerate(standings)
    ]


def _height(score: Fraction | None) -> int:
    return round((score or 0) * TALL / 100)


def trend_words(steps: Sequence[Step]) -> str:
    """The trend in words: the joint score of each period."""
    return ", ".join(
        f"{step.label} {'–' if step.standing.score is None else number(step.standing.score, 1)}"
        for step in steps
    )


# --- the list of pairs -------------------------------------------------------------------------------


@dataclass(frozen=True)
class PairLine:
    """A pair with its bars from one spine in the middle, in percent of the width."""

    standing: PairStanding
    url: str

    @property
    def pm_width(self) -> float:
        """The partner manager's bar grows to the left."""
        return share(self.standing.pm_score or 0, 200)

    @property
    def pm_left(self) -> float:
        """Where it ends."""
        return round(50 - self.pm_width, 2)

    @property
    def ae_width(self) -> float:
        """The account executive's grows to the right."""
        return share(self.standing.ae_score or 0, 200)


def pair_line(standing: PairStanding, period: Period) -> PairLine:
    """The line of a pair in the list of a period."""
    return PairLine(standing, pair_url("apr:pair", standing.pm.pk, standing.ae.pk, period))

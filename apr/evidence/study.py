"""The study: do actions come before advances, with a placebo that must stay clean, and four verdicts.

Everything that will be looked at is declared before anything is looked at: the headline, and the family of
narrower questions, judged together by Benjamini and Hochberg (1995).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from apr.evidence.distributions import t_tail
from apr.evidence.logit import CannotFitError, Estimate, Fit, Floats, Ints, fit_logit
from apr.evidence.panel import AFTER, BEFORE, NOBODY, Flags, Panel

VERSION = "3"
PEOPLE, WEEKS, ADVANCES = 15, 13, 150
FALSE_DISCOVERIES = 0.10
PLACEBO_P = 0.05  # one-sided
PLACEBO_SHARE = 0.5  # of the effect, at most
RECENT = 3  # the actions of "with three recent actions"
AGES = (1, 2, 4, 8, 16)


class Verdict(StrEnum):
    """All that a study may say."""

    FIRST = "first"
    BOTH_WAYS = "both_ways"
    NO_LINK = "no_link"
    NOT_ENOUGH = "not_enough"


class By(StrEnum):
    """Whose term and whose errors: a person is one draw, their deals are not."""

    OWNER = "owner"
    MANAGER = "manager"


@dataclass(frozen=True)
class Question:
    """Do actions of these kinds come before advances, in these stages (None: in all)?

    `rows` names the weeks of deals that are looked at; questions about the same ones share the name.
    """

    key: str
    kinds: frozenset[int]
    stages: frozenset[int] | None = None
    by: By = By.OWNER
    rows: str = "all"


@dataclass(frozen=True)
class Finding:
    """What the data say to a question. Chances are those of advancing in a week, as fractions.

    `recent` is the chance with three actions in the two weeks before, `without` with none. `smallest` is what
    `recent` would have had to be for this much data to show it four times in five. `q` is the p after
    Benjamini and Hochberg, empty for the headline.
    """

    key: str
    verdict: Verdict
    people: int
    weeks: int
    advances: int
    rows: int
    effect: Estimate | None = None
    placebo: Estimate | None = None
    without: float | None = None
    recent: float | None = None
    recent_low: float | None = None
    recent_high: float | None = None
    smallest: float | None = None
    q: float | None = None
    follows: bool = False  # next week's actions go with this week's advance
    is_doubted: bool = False  # the placebo of all actions together is not clean

    @property
    def is_clean(self) -> bool:
        """Whether the placebo showed nothing: only then may an interval be believed, and shown."""
        is_doubtful = self.follows or self.is_doubted or self.verdict == Verdict.BOTH_WAYS
        return self.placebo is not None and not is_doubtful


def answer(panel: Panel, question: Question) -> Finding:
    """One question by itself, at 5 %."""
    return _judged(_measured(panel, question), shown=None)


def answer_family(panel: Panel, questions: Sequence[Question], headline: Finding) -> list[Finding]:
    """The declared family: in favour only where the false discovery rate stays under 10 %.

    A part shows less of what a placebo catches than the whole does. So nothing is said in favour of a part
    where the placebo of the headline is not clean.
    """
    is_doubted = headline.effect is not None and not headline.is_clean
    measured = [_measured(panel, question) for question in questions]
    tested = [one for one in measured if one.effect]
    adjusted = iter(benjamini_hochberg([one.effect.p for one in tested if one.effect]))
    return [
        _judged(replace(one, is_doubted=is_doubted), shown=next(adjusted) if one.effect else None)
        for one in measured
    ]


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Each p as the smallest false discovery rate at which it would be called a discovery."""
    order = sorted(range(len(ps)), key=lambda place: ps[place], reverse=True)
    adjusted, lowest = [1.0] * len(ps), 1.0
    for fewer, place in enumerate(order):
        lowest = min(lowest, ps[place] * len(ps) / (len(ps) - fewer))
        adjusted[place] = lowest
    return adjusted


def _measured(panel: Panel, question: Question) -> Finding:
    """Effect, placebo and chances; the verdict is still open, but for too little data."""
    used = rows_of(panel, question)
    rows = used.rows
    person = rows.owner if question.by == By.OWNER else rows.manager
    blank = Finding(
        key=question.key,
        verdict=Verdict.NOT_ENOUGH,
        people=len(np.unique(person)),
        weeks=len(np.unique(rows.week)),
        advances=int(rows.advanced.sum()),
        rows=len(rows),
    )
    if blank.people < PEOPLE or blank.weeks < WEEKS or blank.advances < ADVANCES:
        return blank
    others = frozenset(np.unique(panel.deeds.kind).tolist()) - question.kinds
    terms = rows.owner * (int(rows.manager.max()) + 2) + rows.manager + 1
    try:
        effect = _fit(used, [_log(used, question.kinds, BEFORE), *_rest(used, others, BEFORE)], terms, person)
        lead = [_log(used, question.kinds, AFTER), *_rest(used, others, AFTER)]
        past = [_log(used, question.kinds, BEFORE), *_rest(used, others, BEFORE)]
        placebo = _fit(used, [*lead, *past], terms, person, used.rows.stays).estimate
    except CannotFitError:
        return blank
    if effect.estimate.degrees + 1 < PEOPLE or placebo.degrees + 1 < PEOPLE:
        return blank
    return _in_words(blank, effect, placebo)


def rows_of(panel: Panel, question: Question) -> Panel:
    """The rows that the question is about."""
    which = np.ones(len(panel.rows), dtype=bool)
    if question.stages is not None:
        which &= np.isin(panel.rows.stage, sorted(question.stages))
    person = panel.rows.owner if question.by == By.OWNER else panel.rows.manager
    return panel.only(which & (person != NOBODY))


def _in_words(blank: Finding, fit: Fit, placebo: Estimate) -> Finding:
    """The finding with its effect as chances of advancing in a week."""
    effect, level = fit.estimate, float(np.log1p(RECENT))
    return replace(
        blank,
        effect=effect,
        placebo=placebo,
        without=fit.chance(0, 0),
        recent=fit.chance(effect.value, level),
        recent_low=fit.chance(effect.low, level),
        recent_high=fit.chance(effect.high, level),
        smallest=fit.chance(effect.smallest, level),
    )


def _judged(finding: Finding, *, shown: float | None) -> Finding:
    """The verdict. In favour only with a clear effect and a clean placebo."""
    effect, placebo = finding.effect, finding.placebo
    if effect is None or placebo is None:
        return finding
    is_clear = effect.p < 0.05 if shown is None else shown < FALSE_DISCOVERIES
    follows = placebo.value > 0 and t_tail(placebo.value / placebo.error, placebo.degrees) < PLACEBO_P
    verdict = Verdict.NO_LINK
    if is_clear and effect.value > 0:
        is_clean = not follows and not finding.is_doubted and placebo.value < PLACEBO_SHARE * effect.value
        verdict = Verdict.FIRST if is_clean else Verdict.BOTH_WAYS
    return replace(finding, verdict=verdict, q=shown, follows=follows)


def _log(panel: Panel, kinds: frozenset[int], lags: tuple[int, ...]) -> Floats:
    return np.log1p(panel.counts(sorted(kinds), lags))


def _rest(panel: Panel, others: frozenset[int], lags: tuple[int, ...]) -> list[Floats]:
    """All other actions, held constant beside those asked about."""
    return [_log(panel, others, lags)] if others else []


def _fit(panel: Panel, first: list[Floats], terms: Ints, person: Ints, which: Flags | None = None) -> Fit:
    """Advanced ~ the given columns + stage + age, with a term per pair of people."""
    rows, y = panel.rows, panel.rows.advanced.astype(float)
    used = np.ones(len(rows), dtype=bool) if which is None else which.copy()
    band = np.digitize(rows.weeks_in_stage, AGES)
    for place in (rows.stage, band):
        used &= _with_both(place, y, used)
    age = np.log1p(rows.weeks_open)
    columns = [*first, *_dummies(rows.stage), *_dummies(band), age]
    x = np.stack([column[used] for column in columns], axis=1)
    return fit_logit(y[used], x, terms[used], person[used])


def _with_both(place: Ints, y: Floats, used: Flags) -> Flags:
    """Rows of stages (or ages) in which some advanced and some did not: the others say nothing.

    Of a deal still open a week later, for instance, none advanced from the last stage.
    """
    size = np.bincount(place[used], minlength=int(place.max(initial=0)) + 1)
    happened = np.bincount(place[used], y[used], len(size))
    says = (happened > 0) & (happened < size)
    chosen: Flags = says[place]
    return chosen


def _dummies(place: Ints) -> list[Floats]:
    return [(place == one).astype(float) for one in np.unique(place)[1:]]

"""Trials in words. Only here "because of" may stand, and only where the stated rule says so."""

from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apr.models import NudgeKind, Trial, TrialMeasure
from apr.trials.analysis import compared_from
from apr.trials.drawing import FEWEST
from apr.trials.permutation import Compared
from apr.trials.planning import Plan
from foundation.wording import day_in_record, number

MORE: dict[str, str | Promise] = {
    TrialMeasure.POINTS: gettext_lazy("Because of the nudge, people collect %(n)s more points a week."),
    TrialMeasure.PROMISES: gettext_lazy(
        "Because of the nudge, people keep %(n)s more promises in time a week."
    ),
    TrialMeasure.ANSWERS: gettext_lazy(
        "Because of the nudge, people answer %(n)s more entries of colleagues a week."
    ),
}
FEWER: dict[str, str | Promise] = {
    TrialMeasure.POINTS: gettext_lazy("Because of the nudge, people collect %(n)s points a week fewer."),
    TrialMeasure.PROMISES: gettext_lazy(
        "Because of the nudge, people keep %(n)s promises in time a week fewer."
    ),
    TrialMeasure.ANSWERS: gettext_lazy(
        "Because of the nudge, people answer %(n)s entries of colleagues a week fewer."
    ),
}
UNITS: dict[str, str | Promise] = {
    TrialMeasure.POINTS: gettext_lazy("counted points a week"),
    TrialMeasure.PROMISES: gettext_lazy("promises kept in time a week"),
    TrialMeasure.ANSWERS: gettext_lazy("entries answered a week"),
}


class Stage(StrEnum):
    """How far a trial is. `VOID`: its halves are not those drawn."""

    PLANNED = "planned"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"
    VOID = "void"


STANDING: dict[Stage, str | Promise] = {
    Stage.PLANNED: gettext_lazy("It starts on %(first)s."),
    Stage.RUNNING: gettext_lazy("It runs until %(last)s. Nobody sees a result before the end."),
    Stage.WAITING: gettext_lazy("It is over, and is counted on %(counted)s."),
    Stage.STOPPED: gettext_lazy("It was stopped early, so no verdict is given."),
    Stage.VOID: gettext_lazy("No verdict is given: the halves on record are not those that were drawn."),
}


def stage_of(trial: Trial, today: date) -> Stage:
    """How far a trial is today."""
    if trial.is_stopped:
        return Stage.STOPPED
    result = getattr(trial, "result", None)
    if result is not None:
        return Stage.VOID if result.problem else Stage.DONE
    if today < trial.starts_on:
        return Stage.PLANNED
    return Stage.RUNNING if today < trial.ends_on else Stage.WAITING


def compared_of(trial: Trial) -> Compared:
    """What came of a trial that is done."""
    return compared_from(trial.result.findings["compared"])


def name_of(trial: Trial) -> str:
    """What the nudge tells."""
    return str(NudgeKind(trial.kind).label)


def sentence(trial: Trial, stage: Stage) -> str:
    """What is to be said of a trial first: nothing of its outcome before the end."""
    if stage == Stage.DONE:
        return _verdict(trial)
    return str(STANDING[stage]) % {
        "first": day_in_record(trial.starts_on),
        "last": day_in_record(trial.last_day),
        "counted": day_in_record(trial.counted_on),
    }


def _verdict(trial: Trial) -> str:
    compared = compared_of(trial)
    if not compared.is_told:
        return _("No effect of the nudge could be told.")
    words = MORE if compared.effect > 0 else FEWER
    return str(words[trial.measure]) % {"n": number(abs(compared.effect), 1)}


def lead(trial: Trial, stage: Stage) -> str:
    """What the sentence rests on, or why there is none."""
    if stage == Stage.STOPPED:
        return _("Nothing is compared: who may stop at any moment finds whatever they look for.")
    if stage == Stage.WAITING:
        return _("What is logged within a week after the last day still counts.")
    return _found(trial) if stage == Stage.DONE else ""


def _found(trial: Trial) -> str:
    compared, kept = compared_of(trial), trial.result.findings
    with_it, without = (number(kept[half]["mean"], 1) for half in ("with", "without"))
    values = {"low": signed(compared.low), "high": signed(compared.high), "with": with_it, "without": without}
    if compared.is_told:
        words = _("With the nudge %(with)s a week, without it %(without)s; the effect: %(low)s to %(high)s.")
        return words % values
    words = _(
        "With the nudge %(with)s a week, without it %(without)s; the effect may be %(low)s to %(high)s."
    )
    return f"{words % values} {could_have_shown(compared)}"


def could_have_shown(compared: Compared) -> str:
    """How small an effect the trial would not have missed."""
    if compared.smallest is None:
        return _("Everybody did the same, so no effect could have been seen.")
    words = _("The smallest effect this trial could have shown, four times in five, is %(n)s a week.")
    return words % {"n": number(compared.smallest, 1)}


def chance(compared: Compared) -> str:
    """How the test went."""
    as_large = round(compared.p * (1 + compared.draws)) - 1
    words = ngettext(
        "Drawn %(draws)s times more, in the same teams, the halves differ as much in %(n)s draw (p %(p)s).",
        "Drawn %(draws)s times more, in the same teams, the halves differ as much in %(n)s draws (p %(p)s).",
        as_large,
    )
    return words % {
        "draws": number(compared.draws),
        "n": number(as_large),
        "p": number(compared.p, 4 if compared.p < 0.01 else 2),
    }


def signed(value: float) -> str:
    """A difference with its sign."""
    words = number(abs(value), 1)
    return f"{'−' if value < 0 else '+'}{words}" if float(f"{value:.1f}") else words


def hint(plan: Plan, measure: TrialMeasure) -> str:
    """What a trial with these people would be, as it is told before it is started."""
    people = len(plan.team_of)
    there = ngettext("%(n)s person", "%(n)s people", people) % {"n": number(people)}
    if not plan.is_large_enough:
        words = _("%(there)s: too few. It takes %(needed)s.")
        return words % {"there": there, "needed": number(2 * FEWEST)}
    words = _("%(there)s, half of them without the nudge.") % {"there": there}
    return f"{words} {power(plan.expected, plan.smallest, measure)}"


def power(expected: float | None, smallest: float | None, measure: str) -> str:
    """What could be shown, against what is usual."""
    if expected is None or smallest is None:
        return _(
            "In as many days before, they did nothing that is measured: what could be shown is not known."
        )
    words = _(
        "In as many days before, they had %(usual)s %(unit)s each. Four times in five, the trial shows a "
        "difference of %(smallest)s or more; a smaller one it can miss."
    )
    return words % {
        "usual": number(expected, 1),
        "unit": UNITS[measure],
        "smallest": number(smallest, 1),
    }

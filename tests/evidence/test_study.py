"""What the study says in worlds whose truth is known, and what a panel counts."""

from dataclasses import replace

import numpy as np
import pytest

from apr.evidence.panel import NOBODY, Deeds, Panel, Rows, lead_lag, staying
from apr.evidence.study import By, Question, Verdict, answer, answer_family
from benchmarks.worlds import EVERYTHING, WORLDS, World, simulate

NO_EFFECT, GOOD_PEOPLE, REVERSE, HOT, TRUE, BOTH = WORLDS


def _panel(advanced: list[int], deeds: list[tuple[int, int, int]]) -> Panel:
    """Deals of six weeks, all of one person; `deeds` are (deal, week, kind)."""
    n = len(advanced)
    deal, week = np.divmod(np.arange(n), 6)
    zero = np.zeros(n, dtype=np.int64)
    rows = Rows(
        deal, week, zero, zero + NOBODY, zero, week, week, np.array(advanced, dtype=bool), staying(deal, week)
    )
    return Panel(rows, Deeds(*np.array(deeds, dtype=np.int64).reshape(-1, 3).T), 6)


def test_a_week_counts_what_was_done_in_the_two_weeks_before_it_and_not_in_itself() -> None:
    panel = _panel([0] * 12, [(0, 1, 0), (0, 1, 0), (0, 3, 1), (0, -1, 0), (1, 5, 0), (1, -40, 0)])
    assert panel.counts([0], (1, 2)).tolist() == [1, 1, 2, 2, 0, 0] + [0] * 6
    assert panel.counts([0, 1], (1, 2)).tolist() == [1, 1, 2, 2, 1, 1] + [0] * 6
    assert panel.counts([0], (-1,)).tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]


def test_a_week_stays_where_the_deal_is_open_through_the_whole_next_one() -> None:
    assert _panel([0] * 12, []).rows.stays.tolist() == ([True] * 4 + [False] * 2) * 2


def test_the_picture_compares_advances_with_weeks_that_stayed() -> None:
    picture = {one.lag: one for one in lead_lag(_panel([0, 0, 0, 1, 0, 0], [(0, 2, 0), (0, 2, 0)]), [0])}
    assert (picture[1].advanced, picture[1].n_advanced) == (2, 1)
    assert picture[1].stayed == pytest.approx(0)
    assert picture[-1].advanced == 0
    assert picture[4].n_advanced == 0


@pytest.mark.parametrize(
    ("world", "verdict"),
    [
        (NO_EFFECT, Verdict.NO_LINK),
        (GOOD_PEOPLE, Verdict.NO_LINK),
        (REVERSE, Verdict.NO_LINK),
        (HOT, Verdict.BOTH_WAYS),
        (TRUE, Verdict.FIRST),
        (BOTH, Verdict.BOTH_WAYS),
    ],
    ids=lambda value: value.name if isinstance(value, World) else "",
)
def test_each_world_is_told_for_what_it_is(world: World, verdict: Verdict) -> None:
    assert answer(simulate(world, 3), EVERYTHING).verdict == verdict


def test_the_true_effect_is_found_in_its_size_and_in_words() -> None:
    finding = answer(simulate(TRUE, 5, people=80), EVERYTHING)
    assert finding.effect is not None
    assert finding.effect.low < 0.25 < finding.effect.high
    assert finding.without is not None
    assert finding.recent_low is not None
    assert finding.recent_high is not None
    assert finding.without < finding.recent_low < finding.recent < finding.recent_high  # type: ignore[operator]
    assert finding.without < finding.smallest < finding.recent  # type: ignore[operator]


def test_advances_that_cause_actions_are_seen_to() -> None:
    assert answer(simulate(REVERSE, 3), EVERYTHING).follows
    assert not answer(simulate(TRUE, 3), EVERYTHING).follows


@pytest.mark.parametrize(("people", "weeks"), [(14, 52), (40, 12)])
def test_with_too_few_people_or_weeks_nothing_is_said(people: int, weeks: int) -> None:
    finding = answer(simulate(TRUE, 1, people=people, weeks=weeks), EVERYTHING)
    assert finding.verdict == Verdict.NOT_ENOUGH
    assert finding.effect is None
    assert (finding.people, finding.weeks) == (people, weeks)


def test_with_too_few_advances_nothing_is_said() -> None:
    slow = World("slow", effect=0.25, base=0.005)
    finding = answer(simulate(slow, 1), EVERYTHING)
    assert finding.advances < 150
    assert finding.verdict == Verdict.NOT_ENOUGH


def test_nobody_is_not_a_person() -> None:
    by_manager = Question("manager", frozenset({0}), by=By.MANAGER)
    assert answer(simulate(TRUE, 1), by_manager).people == 0


def test_a_family_says_no_more_than_its_false_discovery_rate_lets_it() -> None:
    panel = simulate(TRUE, 2)
    stages = [Question(f"stage {one}", frozenset({0}), frozenset({one})) for one in range(3)]
    late = Question("late stages", frozenset({0}), frozenset({2, 3}))
    missing = Question("never done", frozenset({7}))
    findings = answer_family(panel, [*stages, late, missing], answer(panel, EVERYTHING))
    assert findings[-1].verdict == Verdict.NOT_ENOUGH
    tested = [one for one in findings if one.effect]
    assert len(tested) == 4
    assert all(one.q >= one.effect.p for one in tested)  # type: ignore[operator]
    assert all(one.q < 0.1 for one in tested if one.verdict == Verdict.FIRST)  # type: ignore[operator]


def test_where_every_advance_is_a_win_there_is_no_placebo_and_so_no_verdict() -> None:
    finding = answer(simulate(TRUE, 2), Question("last stage", frozenset({0}), frozenset({3})))
    assert finding.advances > 150
    assert finding.verdict == Verdict.NOT_ENOUGH


def test_the_same_history_has_the_same_answer() -> None:
    assert answer(simulate(HOT, 9), EVERYTHING) == answer(simulate(HOT, 9), EVERYTHING)


def test_nothing_is_said_in_favour_of_a_part_where_the_whole_is_not_clean() -> None:
    """Half of the stages can hide from their placebo what all of them together show."""
    panel = simulate(HOT, 3, people=20, weeks=30)
    late = Question("late stages", frozenset({0}), frozenset({2, 3}))
    whole = answer(panel, EVERYTHING)
    assert (whole.verdict, whole.is_clean) == (Verdict.BOTH_WAYS, False)
    (alone,) = answer_family(panel, [late], replace(whole, follows=False, verdict=Verdict.FIRST))
    (beside,) = answer_family(panel, [late], whole)
    assert (alone.verdict, alone.is_clean) == (Verdict.FIRST, True)
    assert (beside.verdict, beside.is_clean) == (Verdict.BOTH_WAYS, False)

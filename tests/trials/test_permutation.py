"""The statistics of a trial, against enumeration by hand, a count of all draws, and simulated trials."""

from itertools import combinations, product

import numpy as np
import pytest

from apr.trials.drawing import FEWEST, SMALL, digest, draw, strata
from apr.trials.permutation import Halves, compare, smallest_effect

# Two teams: two of four got the nudge in each.
VALUES = np.array([9.0, 7.0, 4.0, 2.0, 12.0, 6.0, 8.0, 1.0])
NUDGED = np.array([True, True, False, False, True, False, True, False])
TEAM = np.array([1, 1, 1, 1, 2, 2, 2, 2])


def every_draw(values, sizes):
    """The difference of means for every way to draw the halves: team by team, without any shared code."""
    teams = [list(values[:4]), list(values[4:])]
    for chosen in product(*(combinations(range(4), size) for size in sizes)):
        gap = 0.0
        for team, with_it in zip(teams, chosen, strict=True):
            one = [value for place, value in enumerate(team) if place in with_it]
            other = [value for place, value in enumerate(team) if place not in with_it]
            gap += 0.5 * (sum(one) / len(one) - sum(other) / len(other))
        yield gap


def test_the_difference_is_the_mean_of_the_teams_differences():
    """(8 − 3) and (10 − 3.5), each team half of the people: 5.75."""
    assert compare(VALUES, NUDGED, TEAM, seed=1).effect == pytest.approx(5.75)


def test_p_is_the_share_of_all_draws_that_differ_as_much():
    """Of 36 draws, this one and its mirror reach 5.75: no other one does in both teams."""
    as_large = [gap for gap in every_draw(VALUES, (2, 2)) if abs(gap) >= 5.75 - 1e-9]
    share = len(as_large) / 36
    found = compare(VALUES, NUDGED, TEAM, seed=1)
    assert found.p == pytest.approx(share, abs=4 * (share * (1 - share) / 10_000) ** 0.5 + 1e-4)


def test_halves_of_unlike_size_are_weighted_by_their_team():
    """One of four and three of four: 9 − 13/3 and 9 − 6, half each."""
    nudged = np.array([True, False, False, False, True, False, True, True])
    found = compare(VALUES, nudged, TEAM, seed=1)
    assert found.effect == pytest.approx(0.5 * (9 - 13 / 3) + 0.5 * (7 - 6))
    gaps = list(every_draw(VALUES, (1, 3)))
    share = sum(abs(gap) >= abs(found.effect) - 1e-9 for gap in gaps) / len(gaps)
    assert found.p == pytest.approx(share, abs=0.02)


def world(seed, *, effect=0.0, people=40):
    """Teams of eight, each at its own level, and halves drawn as a trial draws them."""
    dice = np.random.default_rng(seed)
    team = np.arange(people) // 8
    halves = draw(dict(enumerate(team.tolist())), seed)
    nudged = np.array([nudge for _person, _stratum, nudge in halves])
    values = 20 + 4 * team + dice.normal(0, 3, people) + effect * nudged
    return values, nudged, team


def test_the_interval_holds_what_the_same_test_would_not_refuse():
    """Taking away an effect inside it leaves nothing to tell; one outside it leaves something."""
    values, nudged, team = world(4, effect=3.0)
    found = compare(values, nudged, team, seed=9, draws=2_000)
    for taken, is_told in [
        (found.low - 0.01, True),
        (found.low + 0.01, False),
        (found.high - 0.01, False),
        (found.high + 0.01, True),
    ]:
        assert compare(values - taken * nudged, nudged, team, seed=9, draws=2_000).is_told is is_told
    assert found.low < found.effect < found.high


def test_without_an_effect_one_trial_in_twenty_tells_one():
    """Of 400 trials 20 are expected; more than 33 or fewer than 9 would be a wonder (three deviations)."""
    told = sum(compare(*world(seed), seed=seed, draws=400).is_told for seed in range(400))
    assert 9 <= told <= 33


def test_an_effect_of_the_smallest_size_is_told_four_times_in_five_and_covered():
    """The smallest effect is 2.8 deviations of the difference: 2.80 × 3 × √(1/20 + 1/20) = 2.66 here."""
    truth = 2.66
    found = [compare(*world(seed, effect=truth), seed=seed, draws=400) for seed in range(200)]
    assert 140 <= sum(one.is_told for one in found) <= 180
    assert 183 <= sum(one.low <= truth <= one.high for one in found) <= 200
    assert np.mean([one.smallest for one in found]) == pytest.approx(truth, rel=0.15)


def test_the_spread_of_the_difference_is_that_over_all_draws():
    gaps = np.array(list(every_draw(VALUES, (2, 2))))
    reach = 1.959964 + 0.841621
    assert smallest_effect(VALUES, NUDGED, TEAM) == pytest.approx(reach * gaps.std(), rel=1e-6)


def test_where_everybody_did_the_same_nothing_is_told():
    found = compare(np.full(8, 3.0), NUDGED, TEAM, seed=1)
    assert (found.effect, found.p, found.smallest, found.is_told) == (0, 1, None, False)


def test_a_team_in_one_half_alone_compares_nothing():
    with pytest.raises(ValueError, match="only one half"):
        Halves.of(np.array([True, True, False]), np.array([1, 1, 2]))


class TestDrawing:
    def test_the_same_seed_draws_the_same_halves_for_ever(self):
        teams = {person: person % 3 for person in range(30)}
        assert draw(teams, 7) == draw(dict(reversed(teams.items())), 7)
        assert draw(teams, 7) != draw(teams, 8)
        assert digest(draw(teams, 7), 7) == (
            "0971e0d6562bb391963742d32be1ef6bb45051d427a4f5342bff18b2e8f1e7c8"
        )

    @pytest.mark.parametrize("seed", range(20))
    def test_each_team_is_halved_and_so_are_all(self, seed):
        teams = {person: person % 7 for person in range(45)}
        halves = draw(teams, seed)
        for team in range(7):
            nudged = [nudge for _person, stratum, nudge in halves if stratum == team]
            assert abs(2 * sum(nudged) - len(nudged)) <= 1
        assert sum(nudge for *_, nudge in halves) in (22, 23)

    def test_everybody_gets_it_about_as_often(self):
        """Of 600 draws, 300 each; four deviations are 49."""
        teams = {person: person // 5 for person in range(10)}
        often = np.zeros(10)
        for seed in range(600):
            often += [nudge for _person, _stratum, nudge in draw(teams, seed)]
        assert abs(often - 300).max() < 49

    def test_small_teams_are_drawn_together(self):
        teams = dict(enumerate([1] * 6 + [2] * 3 + [3] * 2 + [4] * 5))
        assert sorted(set(strata(teams).values())) == [1, 2, 4]
        assert [person for person, stratum in strata(teams).items() if stratum == 2] == [6, 7, 8, 9, 10]

    def test_a_single_small_team_joins_the_smallest(self):
        teams = dict(enumerate([1] * 6 + [2] * 3 + [4] * 5))
        assert sorted(set(strata(teams).values())) == [1, 4]
        assert strata(teams)[6] == 4

    def test_every_stratum_of_a_trial_has_both_halves(self):
        assert SMALL >= 2
        for sizes in product(range(5), repeat=4):
            people = [team for team, size in enumerate(sizes) for _ in range(size)]
            if len(people) < SMALL or sum(sizes) < 2:
                continue
            halves = draw(strata(dict(enumerate(people))), 1)
            for stratum in {one for _person, one, _nudge in halves}:
                assert {nudge for _person, one, nudge in halves if one == stratum} == {True, False}
        assert 2 * FEWEST == 20

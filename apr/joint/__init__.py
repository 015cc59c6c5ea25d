"""The joint scorecard of a partner manager and an account executive: what they owe each other, counted.

    pm, ae = pair_for(viewer, pm_id, ae_id, period)      # Http404 where the viewer may not read the pair
    card = joint_scorecard(pm, ae, period, viewer=viewer)
    card.standing.score                                  # Decimal, √(PM side × AE side); None: too little
    card.standing.pm_side.score                          # Fraction 0 … 100, None: too little to judge
    for measure in card.standing.pm_side.measures:       # always five, in the order of the page
        measure.key, measure.numerator, measure.denominator, measure.ratio, measure.weight
        measure.rows                                     # a cell each: Row(state, day, deal_id, visit, …)
        measure.lacking                                  # cells without a row: sessions still expected
        measure.owed                                     # rows to act on now, soonest first
    card.standing.pm_side.owed                           # how many things that is
    card.deals[row.deal_id]                              # Opportunity with stage and customer
    card.shared, card.shared_count                       # Shared(story, last_day, is_open, …)
    card.outcomes                                        # pipeline, won, lost, win rates, both numbers
    joint_trend(pm, ae, period, periods=6)               # [Standing], oldest first; the last is this period
    pairs_of(period, viewer=viewer)                      # [PairStanding] of all pairs one may read
    coverage_of(people, period).by_person[pk].covered    # involvement of people over all their pairs
    visits_behind(people, period)                        # [VisitRow] that add up to it

A row whose deal, session or promise the viewer may not see has its state and its day only. `Row.state` is
done, open (can still be done) or missed; `numerator` counts the rows done, so a figure and its rows are one.
A component with nothing to count has the ratio None and is left out of the side's score.

`PairStanding` holds pm, ae, shared, won, lost, components by key, pm_score, ae_score and score, without rows.
`apr.joint.rows` says which choices were made where the definitions leave one, `apr.joint.coaching` how a
coaching target is shared out.
"""

from .cards import joint_scorecard, joint_scorecard_and_trend, joint_trend
from .coverage import Coverage, VisitRow, Visits, coverage_of, visits_behind
from .figures import SIDES, Amount, JointScorecard, Key, Measure, Outcomes, Side, Standing
from .pairs import PairStanding, pairs_of
from .rows import Row, Shared, State
from .seen import may_read_pair, pair_for, people_of, readable_people

__all__ = [
    "SIDES",
    "Amount",
    "Coverage",
    "JointScorecard",
    "Key",
    "Measure",
    "Outcomes",
    "PairStanding",
    "Row",
    "Shared",
    "Side",
    "Standing",
    "State",
    "VisitRow",
    "Visits",
    "coverage_of",
    "joint_scorecard",
    "joint_scorecard_and_trend",
    "joint_trend",
    "may_read_pair",
    "pair_for",
    "pairs_of",
    "people_of",
    "readable_people",
    "visits_behind",
]

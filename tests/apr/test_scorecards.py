"""Scorecards against figures worked out by hand.

September 2026 has 22 working days (Monday to Friday, the 1st is a Tuesday), the 1st to the 14th have 10.
"""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from accounts.models import Absence, ExchangeRate, Holiday, Membership, Organisation
from apr.models import Action, PointRule
from apr.periods import parse_period
from apr.rollup.audit import audit
from apr.rollup.drain import drain
from apr.rollup.pending import pending
from apr.scorecards import (
    action_points,
    organisation_scorecard,
    own_card,
    person_score,
    reader,
    result_rows,
    results,
    score_rows,
    team_figures,
    team_scorecard,
)
from apr.scoring import Status
from foundation.money import Money
from opportunities.models import Assignment, InvolvementKind, Opportunity, PartnerInvolvement, StageChange
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    action_type,
    stage,
)

pytestmark = pytest.mark.django_db
SEPTEMBER = parse_period("2026-09")
TODAY = date(2026, 9, 15)


@pytest.fixture(params=["from marks", "from the store"], autouse=True)
def read(request, monkeypatch):
    """Each figure is read twice: with all changes still marked, and with all of them digested."""
    drain()
    if request.param == "from the store":

        def drained(*args):
            drain()
            assert audit().differences == 0
            marks = pending(*args)
            assert (marks.work_changes, marks.deal_changes) == (0, 0)
            return marks

        monkeypatch.setattr(reader, "pending", drained)


def at(day: int, hour: int = 12, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def did(actor, key="call_to", day=14, hour=12, **fields) -> Action:
    return ActionFactory(actor=actor, action_type=action_type(key), occurred_at=at(day, hour), **fields)


def win(deal: Opportunity, day: int, month: int = 9) -> None:
    """The deal is won, as the service for stages writes it."""
    won = stage("Won")
    StageChange.objects.create(
        opportunity=deal,
        to_stage=won,
        to_stage_name="Won",
        to_kind="won",
        probability=100,
        amount_minor=deal.amount_minor,
        currency=deal.currency,
        effective_at=at(day, month=month),
        effective_on=date(2026, month, day),
    )
    Opportunity.objects.filter(pk=deal.pk).update(
        stage=won, status="won", stage_entered_at=at(day, month=month), closed_on=date(2026, month, day)
    )


def assign(deal: Opportunity, user, capacity: str, since=None) -> None:
    Assignment.objects.filter(opportunity=deal, capacity=capacity).delete()
    Assignment.objects.create(
        opportunity=deal, user=user, capacity=capacity, starts_at=since or at(1, month=6)
    )


def test_a_month_against_a_target_of_sixty():
    ana = AEFactory()
    target = TargetFactory(user=ana)
    did(ana, "face_to_face", day=1)
    for _ in range(3):
        did(ana, "webinar", day=14)
    score = person_score(ana, SEPTEMBER, today=TODAY)

    assert (score.raw_points, score.counted_points, score.confirmed_points) == (9, 9, 0)
    assert [(t.action_type.key, t.count, t.counted_points) for t in score.by_type] == [
        ("face_to_face", 1, 3),
        ("webinar", 3, 6),
    ]
    assert (score.working_days, score.working_days_gone, score.working_days_left) == (22, 10, 12)
    assert score.target == 60
    assert score.expected_to_date == Fraction(60 * 10, 22)
    assert score.attainment == Fraction(9, 60)
    assert score.pace == Fraction(9 * 22, 600)
    assert (score.status, score.why) == (Status.BEHIND, target)


def test_absences_and_holidays_take_days_out_of_the_expectation():
    ana = AEFactory()
    TargetFactory(user=ana)
    Holiday.objects.create(date=date(2026, 9, 7), name="Labour Day")
    Absence.objects.create(user=ana, starts_on=date(2026, 9, 8), ends_on=date(2026, 9, 10))
    score = person_score(ana, SEPTEMBER, today=TODAY)
    assert (score.working_days, score.working_days_gone) == (19, 7)
    assert score.expected_to_date == Fraction(60 * 7, 19)


def test_only_actions_that_name_a_subject_count_and_voided_ones_do_not():
    ana, admin = AEFactory(), AdminFactory()
    did(ana, "coaching_session", customer=None, counterpart=AEFactory())
    did(ana, "coaching_session")
    did(ana, "call_to", customer=None)
    did(ana, "call_to", voided_at=at(15), voided_by=admin)
    assert person_score(ana, SEPTEMBER, today=TODAY).raw_points == 2


def test_the_cap_and_a_dispute_and_the_rows_that_add_up():
    ana, bob, admin = AEFactory(), AEFactory(), AdminFactory()
    PointRule.objects.filter(action_type=action_type("webinar")).update(daily_cap=5)
    first = did(ana, "webinar", hour=8)
    second = did(ana, "webinar", hour=9)
    third = did(ana, "webinar", hour=10)
    fourth = did(ana, "webinar", hour=11, counterpart=bob, confirmation="confirmed", confirmed_at=at(15))
    fifth = did(ana, "webinar", hour=7, counterpart=bob, confirmation="disputed", confirmed_at=at(15))
    score = person_score(ana, SEPTEMBER, today=TODAY)
    assert (score.raw_points, score.counted_points, score.confirmed_points) == (10, 5, 2)

    rows = score_rows(ana, SEPTEMBER, viewer=admin)
    assert list(rows) == [fourth, third, second, first, fifth]
    points = action_points(rows)
    assert [points[row.pk].counted for row in (fourth, first, second, third, fifth)] == [2, 2, 1, 0, 0]
    assert sum(p.raw for p in points.values()) == 10
    assert sum(p.confirmed for p in points.values()) == 2
    assert action_points([third])[third.pk].counted == 0


def test_points_follow_the_rule_of_the_day():
    ana = AEFactory()
    PointRule.objects.create(action_type=action_type("webinar"), points=5, effective_from=date(2026, 9, 10))
    did(ana, "webinar", day=9)
    did(ana, "webinar", day=10)
    assert person_score(ana, SEPTEMBER, today=TODAY).counted_points == 7
    run = own_card(ana, SEPTEMBER, SEPTEMBER, today=TODAY).run
    assert run.achieved == [0] * 9 + [2] + [7] * 6  # nothing through the 8th, 2 on the 9th, 5 on the 10th


def test_a_team_holds_each_person_for_their_days_and_adds_up():
    top = TeamFactory()
    north, south = TeamFactory(parent=top), TeamFactory(parent=top)
    ana, bob = AEFactory(name="Ana"), AEFactory(name="Bob")
    Membership.objects.create(user=ana, team=north, starts_on=date(2020, 1, 1), ends_on=date(2026, 9, 15))
    Membership.objects.create(user=ana, team=south, starts_on=date(2026, 9, 15))
    Membership.objects.create(user=bob, team=north, starts_on=date(2020, 1, 1))
    TargetFactory(role="account_executive")
    did(ana, "face_to_face", day=14)
    did(ana, "webinar", day=15)
    did(bob, "call_to", day=2)

    card = team_scorecard(north, SEPTEMBER, today=TODAY)
    assert [(m.user.name, m.score.counted_points) for m in card.members] == [("Ana", 3), ("Bob", 1)]
    assert card.total.counted_points == 4
    assert card.members[0].score.target == Fraction(60 * 10, 22)
    assert card.total.target == 60 + Fraction(60 * 10, 22)
    assert card.total.expected_to_date == 2 * Fraction(60 * 10, 22)
    assert team_scorecard(south, SEPTEMBER, today=TODAY).total.counted_points == 2
    assert team_scorecard(top, SEPTEMBER, today=TODAY).total.counted_points == 6
    assert organisation_scorecard(SEPTEMBER, today=TODAY).total.counted_points == 6
    assert score_rows(north, SEPTEMBER, viewer=AdminFactory()).count() == 2


def test_the_month_of_a_team_with_how_it_grew_beside_the_results_of_its_quarter():
    ana = AEFactory()
    team = TeamFactory(members=[ana])
    TargetFactory(user=ana)
    TargetFactory(user=ana, metric="won_amount", period_kind="quarter", value=400_000)
    did(ana, "face_to_face", day=3)
    did(ana, "call_to", day=14)
    deal = OpportunityFactory(amount=Money(100_000, "EUR"))
    assign(deal, ana, "account_executive")
    win(deal, 20, month=7)

    quarter = parse_period("2026-Q3")
    card = team_scorecard(team, SEPTEMBER, results_in=quarter, with_runs=True, today=TODAY)
    (member,) = card.members
    assert (card.total.counted_points, card.results.won.amount.minor) == (4, 100_000)
    assert (card.period, card.results.period) == (SEPTEMBER, quarter)
    assert (member.results.won.target, member.results.won.attainment) == (400_000, Fraction(1, 4))
    assert member.run.achieved == [0, 0, 0, *[3] * 11, 4, 4]  # before the 1st, then after each day
    assert (member.run.expected[14], member.run.expected[30]) == (Fraction(60 * 10, 22), 60)

    own = own_card(ana, SEPTEMBER, quarter, today=TODAY)
    assert (own.score, own.run, own.results) == (member.score, member.run, member.results)


def test_who_leads_a_person_reads_the_days_in_the_own_teams_only():
    ana = AEFactory()
    before, now = TeamFactory(), TeamFactory()
    Membership.objects.create(user=ana, team=before, starts_on=date(2020, 1, 1), ends_on=date(2026, 9, 10))
    Membership.objects.create(user=ana, team=now, starts_on=date(2026, 9, 10))
    TargetFactory(user=ana)
    did(ana, "face_to_face", day=9)
    did(ana, "call_to", day=10)

    card = own_card(ana, SEPTEMBER, parse_period("2026-Q3"), within={now.pk}, today=TODAY)
    assert (card.score.counted_points, card.run.achieved[-1]) == (1, 1)
    # 15 of the 22 working days lie in the team, three of them before today
    assert (card.score.target, card.run.expected[-1]) == (Fraction(60 * 15, 22), Fraction(60 * 15, 22))
    assert card.score.expected_to_date == Fraction(60 * 3, 22)
    rows = score_rows(ana, SEPTEMBER, viewer=AdminFactory(), within={now.pk})
    assert [row.occurred_on.day for row in rows] == [10]
    weeks = own_card(ana, SEPTEMBER, SEPTEMBER, within={now.pk}, weeks_until=TODAY, today=TODAY).weeks
    assert [(w.counted_points, w.target) for w in weeks[-2:]] == [
        (1, 2 * Fraction(60, 22)),
        (0, 5 * Fraction(60, 22)),
    ]


def test_a_total_target_of_a_team_goes_before_the_sum_of_its_people():
    ana = AEFactory()
    team = TeamFactory(members=[ana])
    TargetFactory(team=team, scope="each", value=40)
    assert team_scorecard(team, SEPTEMBER, today=TODAY).total.target == 40
    total = TargetFactory(team=team, scope="total", value=300)
    card = team_scorecard(team, SEPTEMBER, today=TODAY)
    assert (card.total.target, card.total.why) == (300, total)
    assert card.members[0].score.target == 40


def test_thirteen_weeks_with_their_targets():
    ana = AEFactory()
    TargetFactory(user=ana, period_kind="week", value=15)
    did(ana, "webinar", day=7)
    did(ana, "webinar", day=13)
    did(ana, "call_to", day=14)
    weeks = own_card(ana, SEPTEMBER, SEPTEMBER, weeks_until=TODAY, today=TODAY).weeks
    assert len(weeks) == 13
    assert [(w.period.key, w.counted_points, w.target) for w in weeks[-2:]] == [
        ("2026-W37", 4, 15),
        ("2026-W38", 1, 15),
    ]


def test_results_of_a_deal_that_a_partner_sourced_stand_with_both_and_once_in_the_team():
    ana, pia = AEFactory(), PMFactory()
    team = TeamFactory(members=[ana, pia])
    deal = OpportunityFactory(amount=Money(250_000, "EUR"))
    assign(deal, ana, "account_executive")
    assign(deal, pia, "partner_manager")
    PartnerInvolvement.objects.create(
        opportunity=deal, partner=PartnerFactory(), kind=InvolvementKind.SOURCED
    )
    win(deal, 10)

    own = results(ana, SEPTEMBER, today=TODAY)
    assert (own.won.amount, own.won.count, own.wins, own.losses) == (Money(250_000, "EUR"), 1, 1, 0)
    assert own.sourced_won.count == 0
    hers = results(pia, SEPTEMBER, today=TODAY)
    assert (hers.won.count, hers.sourced_won.amount.minor, hers.influenced_won.count) == (0, 250_000, 0)
    both = results(team, SEPTEMBER, today=TODAY)
    assert (both.won.amount.minor, both.sourced_won.amount.minor, both.wins) == (250_000, 250_000, 1)
    assert both.overlap == Money(250_000, "EUR")
    assert both.win_rate == 1
    june = results(team, parse_period("2026-06"), today=TODAY)
    assert (june.pipeline_created.amount.minor, june.pipeline_created.count) == (250_000, 1)
    assert results(pia, parse_period("2026-06"), today=TODAY).pipeline_created.count == 1
    for metric in ("won", "sourced_won", "wins", "win_rate"):
        assert list(result_rows(team, SEPTEMBER, metric, viewer=AdminFactory())) == [deal]


def test_a_deal_goes_to_the_one_assigned_at_the_close():
    ana, bob = AEFactory(), AEFactory()
    deal = OpportunityFactory()
    assign(deal, ana, "account_executive")
    Assignment.objects.filter(opportunity=deal).update(ends_at=at(10))
    Assignment.objects.create(opportunity=deal, user=bob, capacity="account_executive", starts_at=at(10))
    win(deal, 10)
    assert results(ana, SEPTEMBER, today=TODAY).won.count == 0
    assert results(bob, SEPTEMBER, today=TODAY).won.count == 1


def test_foreign_money_is_converted_deal_by_deal_and_a_missing_rate_is_said():
    ana = AEFactory()
    Organisation.current()
    ExchangeRate.objects.create(
        currency="USD", reporting_currency="EUR", effective_from=date(2026, 9, 1), rate_nano=500_000_000
    )
    ExchangeRate.objects.create(
        currency="USD", reporting_currency="EUR", effective_from=date(2026, 9, 11), rate_nano=2_000_000_000
    )
    for amount in (Money(101, "USD"), Money(103, "USD"), Money(700, "CHF")):
        deal = OpportunityFactory(amount=amount)
        assign(deal, ana, "account_executive")
        win(deal, 10)
    won = results(ana, SEPTEMBER, today=TODAY)
    assert won.won.amount == Money(50 + 52, "EUR")  # 50.5 and 51.5, each half to even
    assert (won.won.count, won.won.left_out, won.missing_rates) == (3, (Money(700, "CHF"),), ("CHF",))


def test_a_team_without_people_has_a_scorecard():
    card = team_scorecard(TeamFactory(), SEPTEMBER, today=TODAY)
    assert (card.members, card.total.counted_points, card.total.target) == ([], 0, None)
    figures = team_figures(card.subject, SEPTEMBER, today=TODAY)
    assert (figures.score.counted_points, figures.score.target) == (0, None)

"""A past month under other point rules, on Wednesday 15 July 2026."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from apr.evidence.study import VERSION, Finding, Verdict
from apr.models import ActionType, EvidenceReport, PeriodScore, PointRule
from apr.rollup.drain import drain
from tests.apr.pages import cells, words
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    CustomerFactory,
    PointRuleFactory,
    action_type,
)

pytestmark = pytest.mark.django_db
PAGE = "/settings/point-rules/what-if/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 7, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def admin(client):
    person = AdminFactory()
    client.force_login(person)
    return person


def _rules(**changes: str) -> dict[str, str]:
    """The form as it stands, with points and caps changed by the key of the action type."""
    form = {"period": "2026-06"}
    for kind in ActionType.objects.filter(is_active=True):
        rule = kind.point_rules.order_by("-effective_from").first()
        form[f"points_{kind.pk}"] = str(rule.points)
        form[f"cap_{kind.pk}"] = ""
    for name, value in changes.items():
        what, key = name.split("_", 1)
        form[f"{what}_{action_type(key).pk}"] = value
    return form


def _call(person, day: int, month: int = 6) -> None:
    ActionFactory(
        actor=person, occurred_at=datetime(2026, month, day, 12, tzinfo=UTC), customer=CustomerFactory()
    )


def test_a_month_is_counted_again_and_nothing_is_stored(client, admin):
    """Ana called three times on the 10th and once on the 11th; with 4 points a call and at most 10 a day
    that is 10 + 4 instead of 4."""
    ana = AEFactory(name="Ana")
    for day in (10, 10, 10, 11):
        _call(ana, day)
    _call(ana, 1, month=7)
    drain()
    before = list(PeriodScore.objects.values_list().order_by("user_id", "unit", "starts_on"))
    rules = list(PointRule.objects.values_list())

    page = client.get(PAGE, _rules(points_call_to="4", cap_call_to="10"))
    assert cells(page, 1) == [["Ana", "4", "14", "+10"]]
    by_type = {row[0]: row[-2:] for row in cells(page)}
    assert by_type["Call to"] == ["4", "14"]
    assert by_type["Together"] == ["4", "14"]
    assert by_type["E-mail"] == ["–", "–"]
    assert list(PeriodScore.objects.values_list().order_by("user_id", "unit", "starts_on")) == before
    assert list(PointRule.objects.values_list()) == rules


def test_the_days_rules_of_the_past_hold_for_what_was(client, admin):
    """From 11 June a call was worth 5: 1 and 5 were counted; under 2 each it would have been 4."""
    PointRuleFactory(action_type=action_type("call_to"), points=5, effective_from=date(2026, 6, 11))
    ana = AEFactory(name="Ana")
    _call(ana, 10)
    _call(ana, 11)
    assert cells(client.get(PAGE, _rules(points_call_to="2")), 1) == [["Ana", "6", "4", "-2"]]


def test_it_opens_on_last_month_with_the_rules_of_today(client, admin):
    ana = AEFactory(name="Ana")
    _call(ana, 10)
    page = client.get(PAGE)
    assert cells(page, 1) == [["Ana", "1", "1", "0"]]
    assert "June 2026 by person" in words(page)


@pytest.mark.parametrize("typed", ["-1", "much", "", "99999"])
def test_points_that_cannot_be_are_said_and_kept(client, admin, typed):
    page = client.get(PAGE, _rules(points_call_to=typed))
    assert page.status_code == 200
    assert "by person" not in words(page)
    assert f'value="{typed}"' in page.content.decode() or typed == ""
    assert 'class="alert"' in page.content.decode()


@pytest.mark.parametrize(
    ("period", "counted"), [("2026-Q2", "3"), ("2026", "4"), ("2026-W20", "1"), ("2026-06", "1")]
)
def test_weeks_quarters_and_years_are_counted_again_too(client, admin, period, counted):
    """One call in April, one in May (week 20), one in June, one in July."""
    ana = AEFactory(name="Ana")
    for day, month in ((10, 4), (11, 5), (1, 6), (1, 7)):
        _call(ana, day, month=month)
    page = client.get(PAGE, {**_rules(points_call_to="2"), "period": period})
    assert cells(page, 1) == [["Ana", counted, str(2 * int(counted)), f"+{counted}"]]


def test_what_can_be_chosen_begins_with_the_first_action(client, admin):
    _call(AEFactory(), 10, month=4)
    page = client.get(PAGE).content.decode()
    for key in ("2026-04", "2026-Q2", "2026-W15", "2026", "2025"):
        assert f'value="{key}"' in page
    assert 'value="2026-03"' not in page
    refused = client.get(PAGE, {**_rules(), "period": "2026-03"})
    assert "by person" not in words(refused)
    assert "Select a valid choice" in words(refused)


def test_targets_are_suggested_from_the_last_twelve_weeks(client, admin):
    """Twelve weeks of 1 to 12 points and twelve of none: four in five stay at or below 7 (linearly 7.4)."""
    kind = action_type("call_to")
    for person, gains in ((AEFactory(), range(1, 13)), (AEFactory(), [1] + [0] * 11)):
        for week, points in enumerate(gains):
            for _ in range(points):
                ActionFactory(
                    actor=person,
                    action_type=kind,
                    occurred_at=datetime(2026, 4, 20, 12, tzinfo=UTC) + timedelta(weeks=week),
                )
    drain()
    said = words(client.get(PAGE))
    # in order: eleven 0, two 1, then 2 to 12; place 0.8 × 23 = 18.4 lies between 7 and 8
    assert "Account executive: 32 points a month." in said
    assert "at or below 7 points (2 people, 24 weeks)" in said


def test_without_a_past_no_target_is_suggested(client, admin):
    assert "Targets that history suggests" not in words(client.get(PAGE))


def _finding(key: str, verdict: Verdict, recent: float) -> dict[str, object]:
    """28 of 100 deals advance without; the interval lies 6 of 100 to both sides."""
    chances = {"recent": recent, "without": 0.28, "recent_low": recent - 0.06, "recent_high": recent + 0.06}
    finding = Finding(f"type:{action_type(key).pk}", verdict, 20, 30, 900, 4_000, **chances)
    return asdict(finding)


def _report(*family: dict[str, object]) -> None:
    now = datetime(2026, 7, 14, tzinfo=UTC)
    EvidenceReport.objects.create(
        team_id=0, starts_on=date(2026, 1, 5), ends_on=date(2026, 7, 13), checked_on=now, computed_at=now,
        digest="", version=VERSION, seconds=1, findings={"family": family}, rows={},
    )  # fmt: skip


def _log(key: str, count: int, minutes: int | None) -> None:
    for number in range(count):
        ActionFactory(
            action_type=action_type(key), customer=CustomerFactory(), duration_minutes=minutes,
            occurred_at=datetime(2026, 6, 1 + number % 28, 12, tzinfo=UTC),
        )  # fmt: skip


def test_points_are_suggested_by_what_an_action_goes_with(client, admin):
    """Three calls go with 34 of 100 against 28, so one with 2 and, at half an hour each, an hour with 4.
    Three conferences of an hour with 52: 8 each. 40 × 1 and 20 × 2 points were earned; 40 × 2 and 20 × 8
    gained: a third of a point for each of 100, which makes 0.67 and 2.67."""
    _log("call_to", 40, minutes=30)
    _log("conference_call", 20, minutes=60)
    _log("email", 20, minutes=None)
    _report(
        _finding("call_to", Verdict.FIRST, 0.34),
        _finding("conference_call", Verdict.FIRST, 0.52),
        _finding("email", Verdict.FIRST, 0.34),
        _finding("webinar", Verdict.NO_LINK, 0.34),
        _finding("call_from", Verdict.BOTH_WAYS, 0.34),
    )
    page = client.get(PAGE)
    lines = {row[0].split(" One goes")[0].split(" In its")[0]: row for row in cells(page, -1)}
    assert lines["Call to"][1:] == [
        "Actions come first", "+4.0 of 100", "0.0 to 8.0", "30 min", "40", "1", "1"
    ]  # fmt: skip
    assert lines["Conference call"][2:] == ["+8.0 of 100", "6.0 to 10.0", "60 min", "20", "2", "3"]
    assert "One goes with 8.0 more of 100 deals" in lines["Conference call"][0]
    assert "hardly ever logged with minutes" in lines["E-mail"][0]
    for name in ("E-mail", "Webinar / demo", "Call from"):
        assert (lines[name][2], lines[name][-1]) == ("–", "–")


def test_one_kind_in_favour_has_nothing_to_be_weighed_against(client, admin):
    _log("call_to", 20, minutes=30)
    _report(_finding("call_to", Verdict.FIRST, 0.34))
    (line,) = [row for row in cells(client.get(PAGE), -1) if row[0].startswith("Call to")]
    assert line[2] == "+4.0 of 100"
    assert line[-1] == "–"
    assert "there is no other kind to weigh it against" in line[0]


def test_before_the_first_evidence_no_points_are_suggested(client, admin):
    assert "There is no evidence yet" in words(client.get(PAGE))


def test_the_page_is_made_with_few_queries(client, admin, django_assert_max_num_queries):
    for day in (1, 2, 3):
        _call(AEFactory(), day)
    typed = _rules()
    with django_assert_max_num_queries(14):
        client.get(PAGE, typed)

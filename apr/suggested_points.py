"""Points that history suggests: in proportion to what an action of a kind goes with, by the evidence.

What an hour of it goes with is that, divided by how long one takes. Who then earns the most points in an hour
spends it where it went with the most advances.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Avg, Count

from apr.evidence.recording import ORGANISATION
from apr.evidence.study import RECENT, VERSION, Finding, Verdict
from apr.evidence.words import finding_from
from apr.models import Action, ActionType, EvidenceReport
from apr.scoring import rule_on
from apr.what_if import WEEKS, rules_by_type

FEWEST = 20  # actions of a kind with their minutes
KINDS = 2  # that can be weighed against one another
MOST_POINTS = 1_000


@dataclass(frozen=True)
class Worth:
    """A kind of action: the verdict on it, what an hour of it goes with, and the points that suggests.

    `an_hour` is by how much the chance that a deal advances in a week is higher, with its interval; None
    without a verdict in favour, or with fewer than FEWEST actions that have their minutes (`timed`).
    """

    kind: ActionType
    finding: Finding | None
    points: int
    timed: int
    minutes: float | None
    an_hour: tuple[float, float, float] | None = None
    suggested: int | None = None

    @property
    def is_in_favour(self) -> bool:
        return self.finding is not None and self.finding.verdict == Verdict.FIRST

    @property
    def gain(self) -> float:
        """By how much one of them raises that chance, of three in two weeks."""
        found = self.finding
        return ((found.recent or 0) - (found.without or 0)) / RECENT if found else 0.0


def suggested_points(today: date) -> list[Worth]:
    """Every kind of action in use, by the evidence of the whole organisation; empty before there is any.

    Points are suggested where two kinds or more can be weighed: as many together as these kinds earned in the
    last twelve weeks, so that targets keep their meaning.
    """
    report = EvidenceReport.objects.defer("rows").filter(team_id=ORGANISATION, version=VERSION).first()
    if report is None:
        return []
    findings = {one["key"]: finding_from(one) for one in report.findings["family"]}
    times = _times(report)
    rules = rules_by_type()
    worth = []
    for kind in ActionType.objects.filter(is_active=True):
        timed, minutes = times.get(kind.pk, (0, None))
        rule = rule_on(rules.get(kind.pk, []), today)
        one = Worth(kind, findings.get(f"type:{kind.pk}"), rule.points if rule else 0, timed, minutes)
        worth.append(_with_hour(one))
    return _with_points(worth, today)


def _times(report: EvidenceReport) -> dict[int, tuple[int, float]]:
    """How many actions of each kind were logged with their minutes, and how many those are on average."""
    logged = Action.objects.that_count().filter(
        duration_minutes__gt=0, occurred_on__gte=report.starts_on, occurred_on__lt=report.ends_on
    )
    rows = logged.order_by().values_list("action_type").annotate(Count("pk"), Avg("duration_minutes"))
    return {kind: (count, float(mean)) for kind, count, mean in rows}


def _with_hour(one: Worth) -> Worth:
    found = one.finding
    if found is None or not one.is_in_favour or one.timed < FEWEST or not one.minutes:
        return one
    without, hours = found.without or 0, one.minutes / 60
    chances = (found.recent or 0, found.recent_low or 0, found.recent_high or 0)
    gain, low, high = ((chance - without) / RECENT / hours for chance in chances)
    return replace(one, an_hour=(gain, low, high))


def _with_points(worth: list[Worth], today: date) -> list[Worth]:
    weighed = [one for one in worth if one.an_hour]
    if len(weighed) < KINDS:
        return worth
    since = today - timedelta(weeks=WEEKS)
    done = dict(
        Action.objects.that_count()
        .filter(occurred_on__gte=since, occurred_on__lt=today, action_type__in=[w.kind for w in weighed])
        .order_by()
        .values_list("action_type")
        .annotate(Count("pk"))
    )
    earned = sum(done.get(one.kind.pk, 0) * one.points for one in weighed)
    gained = sum(done.get(one.kind.pk, 0) * one.gain for one in weighed)
    if not earned or gained <= 0:
        return worth
    scale = earned / gained
    return [
        replace(one, suggested=min(max(round(scale * one.gain), 1), MOST_POINTS)) if one.an_hour else one
        for one in worth
    ]

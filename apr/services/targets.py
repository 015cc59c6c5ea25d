"""Setting targets. A target is superseded by a later one, never overwritten, and nobody sets their own."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, Team, User
from accounts.permissions import may_configure
from apr.models import ActionCategory, ActionType, Metric, Target, TargetScope
from apr.periods import PeriodKind
from foundation.dated import check_day
from foundation.errors import InvalidInput, NotAllowed

KEYED = frozenset({Metric.CATEGORY_POINTS, Metric.ACTION_COUNT})
WHOLE = 10_000  # a win rate of 100 per cent, in hundredths of a per cent


@dataclass(frozen=True)
class Subject:
    """Whom a target is for: one person, one team, or everybody with a role."""

    user: User | None = None
    team: Team | None = None
    role: str = ""


@transaction.atomic
def set_target(
    *,
    subject: Subject,
    scope: TargetScope,
    metric: Metric,
    metric_key: str = "",
    period_kind: PeriodKind,
    value: int,
    effective_from: date,
    why: str,
    by: User,
) -> Target:
    """Writes down what is expected from a day on; the target that held until then stays in the records.

    `value` is in the unit of the metric (see Target). Raises NotAllowed for one's own target, InvalidInput
    where the parts do not fit together.
    """
    if not may_configure(by):
        raise NotAllowed(_("Only administrators set targets."))
    if subject.user == by:
        raise NotAllowed(_("Nobody sets their own target. Ask another administrator."), field="subject")
    _check_metric(metric, metric_key, value)
    check_day(effective_from, "effective_from")
    if scope == TargetScope.TOTAL and subject.team is None:
        raise InvalidInput(_("Only a team has a total."), field="scope")
    if not why.strip():
        raise InvalidInput(_("Say why: people read it beside the number."), field="why")
    return Target.objects.create(
        user=subject.user,
        team=subject.team,
        role=subject.role,
        scope=scope,
        metric=metric,
        metric_key=metric_key,
        period_kind=period_kind,
        value=value,
        effective_from=effective_from,
        why=why.strip(),
        set_by=by,
    )


def _check_metric(metric: Metric, key: str, value: int) -> None:
    known = {
        Metric.CATEGORY_POINTS: set(ActionCategory.values),
        Metric.ACTION_COUNT: set(ActionType.objects.values_list("key", flat=True)),
    }.get(metric, {""})
    if key not in known:
        raise InvalidInput(_("Choose what is measured."), field="metric")
    if value < 0 or (metric == Metric.WIN_RATE and value > WHOLE):
        raise InvalidInput(_("A win rate lies between 0 and 100 per cent."), field="value")


@transaction.atomic
def withdraw_target(*, target: Target, by: User) -> None:
    """Takes back a target that has not begun; one in force is superseded instead (InvalidInput)."""
    if target.user == by or not may_configure(by):
        raise NotAllowed(_("Nobody changes their own target. Ask another administrator."))
    if target.effective_from <= Organisation.current().today():
        raise InvalidInput(_("This target has begun. Set a new one from a later day."))
    target.delete()

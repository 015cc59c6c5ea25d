"""What a partner and we want to reach together: services for goals, and what is entered by hand."""

from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from foundation.dated import check_day
from foundation.errors import InvalidInput, NotAllowed
from partners.models import GoalMetric, GoalProgress, GoalVersion, Partner, PartnerGoal
from partners.permissions import may_set_goals

MOST = 10**15


@dataclass(frozen=True)
class Terms:
    """What is to be reached: `target` in minor units of the reporting currency where it is an amount, else a
    number; what a measure counts lies on the days from `starts_on` through `due_on`."""

    text: str
    metric: str
    target: int
    starts_on: date
    due_on: date
    why: str


@transaction.atomic
def set_goal(*, partner: Partner, side: str, terms: Terms, by: User) -> PartnerGoal:
    """A new goal of one side. Raises NotAllowed, or InvalidInput with the field at fault."""
    _check(partner, by)
    goal = PartnerGoal(partner=partner, side=side, created_by=by)
    return _write(goal, terms, by)


@transaction.atomic
def change_goal(*, goal_id: int, terms: Terms, by: User) -> PartnerGoal:
    """Other terms from now on; those before stay on record. Raises as `set_goal`, and where it is retired."""
    goal = _locked(goal_id, by)
    if goal.metric != terms.metric and goal.progress.exists():
        raise InvalidInput(
            _("Progress was entered by hand, so it stays measured by hand. Set a new goal instead."),
            field="metric",
        )
    if asdict(terms) == {name: getattr(goal, name) for name in asdict(terms)}:
        return goal
    return _write(goal, terms, by)


@transaction.atomic
def enter_progress(*, goal_id: int, on: date, value: int, note: str, by: User) -> GoalProgress:
    """How far it is on a day, for a goal that nothing measures; earlier entries stay.

    Raises NotAllowed, or InvalidInput for a measured goal, a day to come or a number that cannot be.
    """
    goal = _locked(goal_id, by)
    if goal.metric != GoalMetric.BY_HAND:
        raise InvalidInput(_("This goal is measured; nothing is entered by hand."), code="measured")
    check_day(on, "on")
    if on > Organisation.current().today():
        raise InvalidInput(_("Enter it once the day has come."), field="on")
    if not 0 <= value < MOST:
        raise InvalidInput(_("Write a whole number, such as 3."), field="value")
    return GoalProgress.objects.create(goal=goal, on=on, value=value, note=note.strip(), entered_by=by)


@transaction.atomic
def retire_goal(*, goal_id: int, reason: str, by: User) -> PartnerGoal:
    """Takes a goal off the list, for a reason; it stays on record. Raises NotAllowed or InvalidInput."""
    goal = _locked(goal_id, by)
    if not reason.strip():
        raise InvalidInput(_("Say why, so that both sides understand it later."), field="reason")
    goal.retired_at, goal.retired_by, goal.retire_reason = timezone.now(), by, reason.strip()
    goal.save(update_fields=["retired_at", "retired_by", "retire_reason", "updated_at"])
    return goal


def _write(goal: PartnerGoal, terms: Terms, by: User) -> PartnerGoal:
    values = asdict(terms) | {"text": terms.text.strip(), "why": terms.why.strip()}
    _check_terms(values)
    is_money = terms.metric == GoalMetric.SOURCED_WON
    values["currency"] = Organisation.current().reporting_currency if is_money else ""
    for name, value in values.items():
        setattr(goal, name, value)
    goal.save()
    GoalVersion.objects.create(goal=goal, set_by=by, **values)
    return goal


def _check_terms(values: dict[str, object]) -> None:
    for name in ("text", "why"):
        if not values[name]:
            raise InvalidInput(_("This field is required."), field=name)
    starts_on, due_on, target = values["starts_on"], values["due_on"], values["target"]
    assert isinstance(starts_on, date) and isinstance(due_on, date) and isinstance(target, int)  # noqa: S101, PT018 - by Terms
    check_day(starts_on, "starts_on")
    check_day(due_on, "due_on")
    if due_on < starts_on:
        raise InvalidInput(_("It cannot be due before it begins."), field="due_on")
    if not 0 < target < MOST:
        raise InvalidInput(_("The target has to be more than nothing."), field="target")


def _locked(goal_id: int, by: User) -> PartnerGoal:
    rows = PartnerGoal.objects.select_for_update(of=("self",)).select_related("partner")
    goal = rows.get(pk=goal_id)
    _check(goal.partner, by)
    if goal.retired_at is not None:
        raise InvalidInput(_("This goal was retired. Set a new one instead."), code="retired")
    return goal


def _check(partner: Partner, by: User) -> None:
    if not may_set_goals(by, partner):
        raise NotAllowed(_("Only who looks after this partner, or who leads them, sets its goals."))

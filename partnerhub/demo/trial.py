"""A trial of a nudge that is over. The halves mean nothing to what people of the demo did, and it says so."""

from datetime import timedelta

from accounts.models import Team
from apr.models import NudgeKind, Trial, TrialMeasure
from apr.services.trials import write_trial
from apr.trials import planning
from apr.trials.analysis import count_trial
from partnerhub.demo.people import ADMIN, Cast
from partnerhub.demo.plan import Plan

LASTED, AGO = timedelta(days=42), timedelta(days=21)


def write_finished_trial(plan: Plan, cast: Cast) -> Trial | None:
    """Six weeks of the nudge about the pace, counted long ago; None where the demo has too few people."""
    ends_on = plan.today - AGO
    starts_on = ends_on - LASTED
    stated_on = starts_on - timedelta(days=1)
    teams = list(Team.objects.filter(parent__isnull=True))
    planned = planning.plan(NudgeKind.TARGET, TrialMeasure.POINTS, teams, starts_on, ends_on, today=stated_on)
    if not planned.is_large_enough:
        return None
    admin = cast.by_name[ADMIN]
    trial = write_trial(
        NudgeKind.TARGET,
        TrialMeasure.POINTS,
        teams,
        starts_on,
        ends_on,
        planned,
        seed=plan.seed,
        by=admin,
    )
    Trial.objects.filter(pk=trial.pk).update(started_at=plan.at_work(admin, stated_on))
    count_trial(trial)
    return trial

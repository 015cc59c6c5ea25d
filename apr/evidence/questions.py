"""What is asked, all of it declared before anything is looked at."""

from apr.evidence.loading import Loaded
from apr.evidence.study import By, Question
from apr.models import ActionCapacity, ActionType
from opportunities.models import Stage

CAPACITIES = (
    (ActionCapacity.PARTNER_MANAGER, By.MANAGER),
    (ActionCapacity.ACCOUNT_EXECUTIVE, By.OWNER),
    (ActionCapacity.COACH, By.MANAGER),
)
ROWS = {By.OWNER: "all", By.MANAGER: "managed"}


def headline(loaded: Loaded) -> Question:
    """All actions, in all stages."""
    return Question("all", frozenset(range(len(loaded.kinds))))


def family(loaded: Loaded) -> list[Question]:
    """Each capacity, early and late stages, each kind of action in use; judged together."""
    everything = headline(loaded).kinds
    capacities = [
        Question(f"capacity:{hat}", loaded.kinds_where(capacity=hat), by=by, rows=ROWS[by])
        for hat, by in CAPACITIES
    ]
    early, late = _halves()
    types = ActionType.objects.filter(is_active=True).values_list("pk", flat=True)
    return [
        *capacities,
        Question("stages:early", everything, early, rows="early"),
        Question("stages:late", everything, late, rows="late"),
        *(Question(f"type:{pk}", loaded.kinds_where(action_type=pk)) for pk in types),
    ]


def _halves() -> tuple[frozenset[int], frozenset[int]]:
    """The open stages of each funnel in two halves by their order; of an odd number the middle is late."""
    funnels: dict[int, list[int]] = {}
    for pk, funnel in Stage.objects.filter(kind="open").order_by("position").values_list("pk", "funnel"):
        funnels.setdefault(funnel, []).append(pk)
    early = frozenset(pk for stages in funnels.values() for pk in stages[: len(stages) // 2])
    return early, frozenset(pk for stages in funnels.values() for pk in stages) - early

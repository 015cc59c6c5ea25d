"""How the roll-up is: what waits and since when, what the last audit found, which triggers are missing."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from apr.models import Audit
from apr.rollup.drain import MARKS
from apr.rollup.triggers import missing_triggers


@dataclass(frozen=True)
class RollupState:
    """Figures for operators."""

    marks: int
    oldest_mark_at: datetime | None
    audited_at: datetime | None
    differences: int | None
    missing_triggers: list[str]


def rollup_state() -> RollupState:
    """The state at this moment."""
    oldest = [model._default_manager.aggregate(at=Min("marked_at"))["at"] for model in MARKS]
    last = Audit.objects.first()
    return RollupState(
        marks=sum(model._default_manager.count() for model in MARKS),
        oldest_mark_at=min((at for at in oldest if at is not None), default=None),
        audited_at=last.finished_at if last else None,
        differences=last.differences if last else None,
        missing_triggers=missing_triggers(),
    )

"""The rows of a joint scorecard as they are kept when a period is closed, and what became of them since."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Organisation
from apr.joint import JointScorecard, Key, Row, State
from apr.joint.facts import Pair
from apr.joint.rows import Window
from apr.joint.store import rows_in, window_of
from apr.models import Action, KnownPair
from apr.periods import Period

Written = dict[str, list[list[Any]]]


@dataclass(frozen=True)
class Kept:
    """A row without what can be read from the deal, the obstacle, the promise or the session that it is
    about. `about` tells it from the others of its component; `stage` and `day` are a visit's first."""

    about: str
    is_done: bool
    deal_id: int | None
    stage: str
    day: date


@dataclass(frozen=True)
class RowChange:
    """A row that counted then, or does now, and not in the same way."""

    key: Key
    was: Kept | None
    now: Kept | None

    @property
    def row(self) -> Kept:
        """The row as it stands, or stood."""
        found = self.now or self.was
        assert found is not None  # noqa: S101 - one of the two is there
        return found


def rows_of_all(period: Period, today: date) -> dict[Pair, Written]:
    """The rows of every pair in a period, to be kept. The caller holds one snapshot."""
    window = window_of(period, Organisation.current(), today)
    found: dict[Pair, Written] = defaultdict(lambda: defaultdict(list))
    for pair, key, row in rows_in(window):
        found[pair][key.value].append(_written(_kept(row)))
    for session in _sessions(window):
        row = Row(State.DONE, session.occurred_on, session.opportunity_id, session=session)
        pair = session.actor_id, session.counterpart_id or 0
        found[pair][Key.COACHING.value].append(_written(_kept(row)))
    return found


def changes(known: KnownPair, card: JointScorecard) -> list[RowChange]:
    """The rows that differ, in the order of the scorecard. The card is that of nobody in particular, whose
    rows are whole."""
    found = []
    for measure in card.standing.measures:
        was = _by_identity(_read(row) for row in _rows(known, measure.key))
        now = _by_identity(_kept(row) for row in measure.rows)
        for about in sorted(was.keys() | now.keys()):
            then, since = was.get(about), now.get(about)
            if then is None or since is None or then.is_done != since.is_done:
                found.append(RowChange(measure.key, then, since))
    return found


def _rows(known: KnownPair, key: Key) -> list[list[Any]]:
    rows: Mapping[str, list[list[Any]]] = known.rows or {}
    return rows.get(key.value, [])


def _sessions(window: Window) -> Iterable[Action]:
    held = Action.objects.coaching_sessions().filter(
        occurred_on__gte=window.period.start, occurred_on__lte=window.last_day, counterpart__isnull=False
    )
    return held.order_by("pk")


def _by_identity(rows: Iterable[Kept]) -> dict[str, Kept]:
    return {row.about: row for row in rows}


def _kept(row: Row) -> Kept:
    return Kept(
        about=_identity(row),
        is_done=row.state == State.DONE,
        deal_id=row.deal_id,
        stage=row.visit.stage if row.visit else "",
        day=row.visit.starts_on if row.visit else row.day,
    )


def _identity(row: Row) -> str:
    if row.visit is not None:
        return f"visit:{row.deal_id}:{row.visit.starts_at.timestamp():.0f}"
    if row.obstacle is not None:
        return f"obstacle:{row.obstacle.pk}"
    if row.promise is not None:
        return f"promise:{row.promise.pk}"
    if row.session is not None:
        return f"session:{row.session.pk}"
    return f"deal:{row.deal_id}"


def _read(written: list[Any]) -> Kept:
    about, is_done, deal_id, stage, day = written
    return Kept(about, is_done, deal_id, stage, date.fromisoformat(day))


def _written(row: Kept) -> list[Any]:
    return [row.about, row.is_done, row.deal_id, row.stage, row.day.isoformat()]

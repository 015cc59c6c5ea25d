"""Figures as they are known of a period: written down exactly, and read back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from apr.models import KnownCredit
from apr.scorecards import MoneyMeasure, Results, Score
from apr.scorecards.figures import Points, total_points
from apr.scorecards.rows import RESULT_KINDS
from apr.scoring import Status, attainment
from foundation.money import Money

MONEY = ("won", "sourced_won", "influenced_won", "pipeline_created")
Worth = tuple[int, ...]  # type, count, raw, counted and confirmed points


@dataclass(frozen=True)
class KnownMoney:
    """An amount in the reporting currency, its deals, and what was expected (minor units)."""

    amount: Money
    count: int = 0
    target: Fraction | None = None

    @property
    def attainment(self) -> Fraction | None:
        """Achieved / target."""
        return attainment(self.amount.minor, self.target)


@dataclass(frozen=True)
class Known:
    """The figures of one subject in one period, whether stored when it was closed or read now."""

    money: dict[str, KnownMoney]
    by_type: dict[int, Points] = field(default_factory=dict)
    target: Fraction | None = None
    expected_to_date: Fraction | None = None
    status: Status = Status.NO_TARGET
    wins: int = 0
    losses: int = 0
    win_rate_target: Fraction | None = None

    @property
    def points(self) -> Points:
        """The points of all types together."""
        return total_points(self.by_type.values())

    @property
    def attainment(self) -> Fraction | None:
        """Counted points / target."""
        return attainment(self.points.counted, self.target)

    @property
    def win_rate(self) -> Fraction | None:
        """Won / (won + lost); None where nothing closed."""
        return Fraction(self.wins, self.wins + self.losses) if self.wins + self.losses else None

    @property
    def is_empty(self) -> bool:
        """Whether there is neither work nor result nor target."""
        return self.target is None and not (self.by_type or self.wins or self.losses) and not any(
            one.count or one.target for one in self.money.values()
        )  # fmt: skip


def nothing_known(currency: str) -> Known:
    """Of somebody of whom nothing was stored."""
    return Known({name: KnownMoney(Money(0, currency)) for name in MONEY})


def figures_of(score: Score, results: Results) -> Known:
    """The figures of scorecards as they are read."""
    return Known(
        money={name: _money(getattr(results, name)) for name in MONEY},
        by_type={
            one.action_type.pk: Points(one.count, one.raw_points, one.counted_points, one.confirmed_points)
            for one in score.by_type
        },
        target=score.target,
        expected_to_date=score.expected_to_date,
        status=score.status,
        wins=results.wins,
        losses=results.losses,
        win_rate_target=results.win_rate_target,
    )


def _money(measure: MoneyMeasure) -> KnownMoney:
    return KnownMoney(measure.amount, measure.count, measure.target)


def figures_of_rows(actions: Iterable[Worth], credits_: Iterable[KnownCredit], currency: str) -> Known:
    """What rows add up to; they know no targets."""
    by_type: dict[int, Points] = defaultdict(Points)
    for kind, *figures in actions:
        by_type[kind] += Points(*figures)
    deals: dict[str, dict[int, int]] = defaultdict(dict)
    for credit in credits_:
        for name, kinds in RESULT_KINDS.items():
            if credit.kind in kinds:
                deals[name][credit.opportunity_id] = credit.minor or 0
    return Known(
        money={
            name: KnownMoney(Money(sum(deals[name].values()), currency), len(deals[name])) for name in MONEY
        },
        by_type=dict(by_type),
        wins=len(deals["wins"]),
        losses=len(deals["losses"]),
    )


def achieved(known: Known) -> tuple[object, ...]:
    """All of it that follows from rows."""
    money = {name: (one.amount, one.count) for name, one in known.money.items()}
    return known.by_type, money, known.wins, known.losses


# --- written down -----------------------------------------------------------------------------------


def written(known: Known) -> dict[str, Any]:
    """The figures as JSON; fractions as `numerator/denominator`."""
    return {
        "by_type": {str(kind): [p.count, p.raw, p.counted, p.confirmed] for kind, p in known.by_type.items()},
        "target": _text(known.target),
        "expected_to_date": _text(known.expected_to_date),
        "status": str(known.status),
        "money": {
            name: [one.amount.minor, one.amount.currency, one.count, _text(one.target)]
            for name, one in known.money.items()
        },
        "wins": known.wins,
        "losses": known.losses,
        "win_rate_target": _text(known.win_rate_target),
    }


def read_back(figures: Mapping[str, Any]) -> Known:
    """What `written` wrote."""
    return Known(
        money={
            name: KnownMoney(Money(minor, currency), count, _fraction(target))
            for name, (minor, currency, count, target) in figures["money"].items()
        },
        by_type={int(kind): Points(*points) for kind, points in figures["by_type"].items()},
        target=_fraction(figures["target"]),
        expected_to_date=_fraction(figures["expected_to_date"]),
        status=Status(figures["status"]),
        wins=figures["wins"],
        losses=figures["losses"],
        win_rate_target=_fraction(figures["win_rate_target"]),
    )


def _text(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)

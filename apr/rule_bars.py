"""Point rules drawn as dated bars: where each begins and ends, as shares of one scale for all rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from apr.models import ActionType, PointRule

ROOM_AFTER_PLAN = timedelta(days=90)  # so that a planned bar is long enough to read


@dataclass(frozen=True)
class Scale:
    """The days [start, end) across the whole width, with today's place."""

    start: date
    end: date
    today: date

    @classmethod
    def around(cls, today: date, latest: date) -> "Scale":
        """From the start of last year to the end of this one, or past the latest planned day."""
        end = max(date(today.year + 1, 1, 1), latest + ROOM_AFTER_PLAN if latest > today else date.min)
        return cls(date(today.year - 1, 1, 1), end, today)

    def at(self, day: date) -> str:
        """The day's place as a percentage of the width, for SVG; days outside stand at the edge."""
        inside = min(max(day, self.start), self.end)
        return f"{100 * (inside - self.start).days / (self.end - self.start).days:.2f}%"

    def across(self, start: date, end: date) -> str:
        """The width of [start, end) as a percentage."""
        first, last = max(start, self.start), min(end, self.end)
        return f"{100 * max((last - first).days, 0) / (self.end - self.start).days:.2f}%"

    @property
    def today_at(self) -> str:
        """The place of today."""
        return self.at(self.today)

    @property
    def years(self) -> list[tuple[int, str]]:
        """The years that begin on the scale, with their places."""
        return [(year, self.at(date(year, 1, 1))) for year in range(self.start.year, self.end.year + 1)][:-1]


@dataclass(frozen=True)
class Bar:
    """The days on which one rule holds."""

    rule: PointRule
    x: str
    width: str
    is_planned: bool


@dataclass(frozen=True)
class RuleRow:
    """An action type with the rule in force, the planned ones, and its bars."""

    action_type: ActionType
    in_force: PointRule | None
    planned: list[PointRule]
    bars: list[Bar]


def rule_row(action_type: ActionType, rules: Sequence[PointRule], scale: Scale) -> RuleRow:
    """The row of an action type; `rules` are its rules in order of their days."""
    begun = [rule for rule in rules if rule.effective_from <= scale.today]
    ends = [rule.effective_from for rule in rules[1:]] + [scale.end]
    bars = [
        Bar(rule, scale.at(rule.effective_from), scale.across(rule.effective_from, end), rule not in begun)
        for rule, end in zip(rules, ends, strict=True)
        if end > scale.start
    ]
    return RuleRow(action_type, begun[-1] if begun else None, list(rules[len(begun) :]), bars)

"""The lines of somebody's day: one thing to do, one thing owed to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from accounts.models import User
from apr.models import Action, CoachingAdvice
from foundation.money import Money
from opportunities.models import Commitment, HandOver, Obstacle, Opportunity


class Kind(StrEnum):
    """What is asked for, and so which acts are offered."""

    QUIET = "quiet"
    PROMISE = "promise"
    OBSTACLE = "obstacle"
    ANSWER = "answer"
    OFFERED = "offered"
    UNANSWERED = "unanswered"
    RETURNED = "returned"
    ADVICE = "advice"


@dataclass(frozen=True)
class ToDo:
    """One thing to do.

    `at_stake` is amount × probability in minor units of the reporting currency, `worth` the same in the
    deal's own; an answer has points instead. `row` is the promise, obstacle, action, offer or
    advice.
    """

    kind: Kind
    title: str
    note: str
    icon: str
    is_pressing: bool = False
    at_stake: int = 0
    worth: Money | None = None
    points: int | None = None
    due_on: date | None = None
    deal: Opportunity | None = None
    row: Commitment | Obstacle | Action | HandOver | CoachingAdvice | None = None


@dataclass(frozen=True)
class Owed:
    """What somebody else owes the reader by a date: a promise, or the answer to an offer."""

    who: User
    hue: str
    text: str
    deal: Opportunity
    due_on: date
    worth: Money | None

    @property
    def both(self) -> tuple[int | None, int | None]:
        """Who stands on the deal: the partner manager and the account executive."""
        return self.deal.partner_manager_id, self.deal.owner_id


def in_order(todos: Iterable[ToDo]) -> list[ToDo]:
    """By what is at stake, the most first; then the earlier date, then the title."""
    return sorted(todos, key=lambda one: (-one.at_stake, one.due_on or date.max, one.title))


def together(todos: Iterable[ToDo], currency: str) -> Money:
    """What is at stake in all of these, each deal once, in the reporting currency."""
    stakes = {todo.deal.pk: todo.at_stake for todo in todos if todo.deal is not None}
    return Money(sum(stakes.values()), currency)

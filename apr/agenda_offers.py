"""Offers of deals on the list of the day: for who has to answer, and for who waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from django.db.models import Exists, OuterRef, Q

from accounts.calendar import WorkingCalendar
from accounts.models import User
from apr import agenda_words as words
from apr.todos import Kind, Owed, ToDo
from foundation.money import Money
from opportunities.handover_words import clock_of
from opportunities.models import HandOver, HandOverOutcome, Opportunity


@dataclass
class Offers:
    """What offers ask of somebody, and the answers that others owe them."""

    todos: list[ToDo] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)


def offers_of(
    user: User,
    today: date,
    calendar: WorkingCalendar,
    at_stake: Callable[[Opportunity], int],
    worth: Callable[[Opportunity], Money | None],
) -> Offers:
    """Open offers to the person and by them, and those of theirs that came back and were not made again.

    One query. An offer without an answer in time is something to do for both.
    """
    found = Offers()
    for row in _rows(user):
        clock, deal = clock_of(row.due_on, today, calendar), row.opportunity
        todo = partial(
            ToDo, at_stake=at_stake(deal), worth=worth(deal), due_on=row.due_on, deal=deal, row=row
        )
        about = words.offered_about(row, clock)
        if row.outcome == HandOverOutcome.RETURNED:
            line = todo(Kind.RETURNED, words.returned(row), words.returned_about(row), "arrow-back-up")
        elif row.offered_to_id == user.pk:
            is_pressing = clock.is_over or not clock.left
            line = todo(Kind.OFFERED, words.offered(row), about, "user-share", is_pressing)
        elif clock.is_over:
            line = todo(Kind.UNANSWERED, words.unanswered(row), about, "hourglass", is_pressing=True)
        else:
            text = words.answer_owed(row, clock)
            found.owed.append(Owed(row.offered_to, "ae", text, deal, row.due_on, worth(deal)))
            continue
        found.todos.append(line)
    return found


def _rows(user: User) -> list[HandOver]:
    later = HandOver.objects.filter(opportunity=OuterRef("opportunity"), pk__gt=OuterRef("pk"))
    mine = Q(offered_to=user) | Q(offered_by=user) | Q(opportunity__partner_manager=user)
    is_open = Q(outcome=HandOverOutcome.OPEN) & mine
    came_back = Q(
        ~Exists(later),
        outcome=HandOverOutcome.RETURNED,
        opportunity__partner_manager=user,
        opportunity__owner__isnull=True,
    )
    rows = HandOver.objects.visible_to(user).filter(is_open | came_back, opportunity__status="open")
    related = ("opportunity__stage", "opportunity__customer", "offered_by", "offered_to", "partner")
    return list(rows.select_related(*related).order_by("due_on", "pk"))

"""What needs somebody today, in the order of what is at stake; what others owe them; what they logged."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.calendar import WorkingCalendar
from accounts.models import Organisation, User
from accounts.rates import Rates
from apr import agenda_words as words
from apr.agenda_offers import offers_of
from apr.involvement import AT_THE_INK, NEVER, LastActions, last_actions, silence
from apr.models import Action, CoachingAdvice
from apr.phrases import said
from apr.scorecards import ActionPoints, action_points
from apr.shortcuts import Repeat, repeats
from apr.todos import Kind, Owed, ToDo, in_order
from foundation.money import Money
from opportunities.models import Commitment, Obstacle, Opportunity, PartnerInvolvement

SOON = timedelta(days=3)  # promises are shown so many days before they are due
RECENT = 40  # so many of the last actions tell what will likely be repeated


@dataclass(frozen=True)
class Logged:
    """An action of today: when, in words, and what it counts."""

    action: Action
    at: datetime
    words: str
    points: ActionPoints


@dataclass(frozen=True)
class Agenda:
    """A person's day."""

    offers: list[ToDo] = field(default_factory=list)
    todos: list[ToDo] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    logged: list[Logged] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)

    @property
    def points_today(self) -> int:
        """Counted points of what was logged today."""
        return sum(line.points.counted for line in self.logged)


def agenda_of(user: User, today: date, organisation: Organisation, calendar: WorkingCalendar) -> Agenda:
    """Everything on one person's list, in a number of queries that does not depend on how much it is."""
    desk = _Desk(user, today, organisation, calendar)
    waiting = list(Action.objects.waiting_for(user).select_related(*ABOUT, "actor"))
    recent = list(user.actions.standing().select_related(*ABOUT)[:RECENT])
    logged = [action for action in recent if action.occurred_on == today]
    points = action_points([*waiting, *logged])
    offers = offers_of(user, today, calendar, desk.at_stake, desk.worth)
    todos = [*desk.quiet_deals(), *desk.promises(), *desk.obstacles()]
    todos += desk.advice()
    todos += [_answer(action, points[action.pk]) for action in waiting]
    return Agenda(
        offers=offers.todos,
        todos=in_order(todos),
        owed=sorted([*desk.owed(), *offers.owed], key=lambda one: one.due_on),
        logged=[Logged(a, a.occurred_at.astimezone(user.tzinfo), said(a), points[a.pk]) for a in logged],
        repeats=repeats(recent),
    )


ABOUT = ("action_type", "opportunity", "partner", "customer", "counterpart")
WITH_DEAL = ("opportunity__stage", "opportunity__customer", "opportunity__owner")


def _answer(action: Action, points: ActionPoints) -> ToDo:
    return ToDo(
        kind=Kind.ANSWER,
        title=words.was_it_so(action),
        note=words.waits_for_your_word(action, points.counted),
        icon="user-check",
        points=points.counted,
        due_on=action.occurred_on,
        deal=action.opportunity,
        row=action,
    )


class _Desk:
    """What one person's list is made of. The deals they stand on are read once."""

    def __init__(
        self, user: User, today: date, organisation: Organisation, calendar: WorkingCalendar
    ) -> None:
        self.user, self.today, self.organisation, self.calendar = user, today, organisation, calendar
        self.rates = Rates(organisation.reporting_currency)
        asked = Obstacle.objects.open().filter(opportunity=OuterRef("pk"), assigned_to=user)
        partners = Prefetch("involvements", PartnerInvolvement.objects.select_related("partner"))
        self.deals = list(
            Opportunity.objects.visible_to(user)
            .open()
            .with_open_since()
            .filter(Q(owner=user) | Q(partner_manager=user) | Exists(asked))
            .select_related("stage", "customer", "owner", "partner_manager")
            .prefetch_related(partners)
        )
        promises = Commitment.objects.visible_to(user).open().exclude(opportunity__status="lost")
        promises = promises.filter(Q(made_by=user) | Q(made_to=user))
        self._promises = list(promises.select_related("made_by", "made_to", *WITH_DEAL).order_by("due_on"))

    # --- what is at stake -------------------------------------------------------------------------

    def worth(self, deal: Opportunity) -> Money | None:
        """Amount × probability of the stage, rounded down; nothing for a deal that is closed."""
        if deal.amount_minor is None or not deal.is_open:
            return None
        return Money(deal.amount_minor * deal.stage.probability // 100, deal.currency)

    def at_stake(self, deal: Opportunity) -> int:
        """The same in the reporting currency; nothing where there is no rate."""
        worth = self.worth(deal)
        return (self.rates.price(worth.minor, worth.currency, self.today) or 0) if worth else 0

    # --- the deals --------------------------------------------------------------------------------

    def quiet_deals(self) -> list[ToDo]:
        """Deals of the person that nobody has worked on for too long, or that near the ink alone."""
        last = last_actions([deal.pk for deal in self.deals])
        found = (self._quiet(deal, last.get(deal.pk, NEVER)) for deal in self.deals)
        return [todo for todo in found if todo is not None]

    def _quiet(self, deal: Any, last: LastActions) -> ToDo | None:
        close, since = deal.expected_close_on, deal.open_since or deal.opened_on
        is_near = close is not None and close - self.today <= AT_THE_INK
        without_pm = silence(last.by_partner_manager, since, self.today, self.calendar)
        days = silence(last.by_anybody, since, self.today, self.calendar)
        longest = self.organisation.silence_days
        allowed = deal.stage.allowed_silence_days or longest
        if self.user.pk not in (deal.owner_id, deal.partner_manager_id):
            return None
        if without_pm > (longest // 2 if is_near else longest) and (self._is_mine_as_pm(deal) or is_near):
            title = words.without_pm(deal, without_pm, last.by_partner_manager, self.today)
        elif deal.owner_id == self.user.pk and days > allowed:
            title = words.silent(deal, days, last.by_anybody, self.today)
        else:
            return None
        return ToDo(
            kind=Kind.QUIET,
            title=title,
            note=words.about(deal, self.user),
            icon="user-off",
            is_pressing=True,
            at_stake=self.at_stake(deal),
            worth=self.worth(deal),
            due_on=close,
            deal=deal,
        )

    def _is_mine_as_pm(self, deal: Opportunity) -> bool:
        return deal.partner_manager_id == self.user.pk

    # --- promises ---------------------------------------------------------------------------------

    def promises(self) -> list[ToDo]:
        """The person's own promises that are due within days, or were."""
        due = [p for p in self._promises if p.made_by_id == self.user.pk and p.due_on <= self.today + SOON]
        return [self._promise(promise) for promise in due]

    def _promise(self, promise: Commitment) -> ToDo:
        is_overdue = promise.is_overdue(self.today)
        return ToDo(
            kind=Kind.PROMISE,
            title=words.promised(promise, self.today),
            note=words.promised_about(promise, self.user),
            icon="clock-exclamation" if is_overdue else "flag",
            is_pressing=is_overdue,
            at_stake=self.at_stake(promise.opportunity),
            worth=self.worth(promise.opportunity),
            due_on=promise.due_on,
            deal=promise.opportunity,
            row=promise,
        )

    def owed(self) -> list[Owed]:
        """What colleagues promised the person, the nearest first."""
        theirs = [p for p in self._promises if p.made_to_id == self.user.pk]
        return [self._owed(promise, promise.opportunity) for promise in theirs]

    def _owed(self, promise: Commitment, deal: Opportunity) -> Owed:
        hue = "ae" if promise.made_by_id == deal.owner_id else "pm"
        return Owed(promise.made_by, hue, promise.text, deal, promise.due_on, self.worth(deal))

    # --- coaching ---------------------------------------------------------------------------------

    def advice(self) -> list[ToDo]:
        """What the person was advised and has not acknowledged."""
        rows = CoachingAdvice.objects.visible_to(self.user).waiting_for(self.user)
        deal = ("action__opportunity__stage", "action__opportunity__customer")
        return [self._advice(row) for row in rows.select_related("action__actor", *deal)]

    def _advice(self, row: CoachingAdvice) -> ToDo:
        deal = row.action.opportunity
        return ToDo(
            kind=Kind.ADVICE,
            title=words.advised(row),
            note=words.advised_about(row),
            icon="school",
            at_stake=self.at_stake(deal) if deal else 0,
            worth=self.worth(deal) if deal else None,
            due_on=row.action.occurred_on,
            deal=deal,
            row=row,
        )

    # --- obstacles --------------------------------------------------------------------------------

    def obstacles(self) -> list[ToDo]:
        """Open obstacles that wait for the person."""
        rows = Obstacle.objects.visible_to(self.user).waiting_for(self.user).with_partner_to_ask()
        rows = rows.select_related("raised_by", "partner", *WITH_DEAL)
        return [self._obstacle(row) for row in rows]

    def _obstacle(self, row: Obstacle) -> ToDo:
        return ToDo(
            kind=Kind.OBSTACLE,
            title=words.obstacle(row),
            note=words.obstacle_about(row),
            icon="barrier-block",
            is_pressing=row.due_on is not None and row.due_on < self.today,
            at_stake=self.at_stake(row.opportunity),
            worth=self.worth(row.opportunity),
            due_on=row.due_on,
            deal=row.opportunity,
            row=row,
        )

"""Writes lived deals to the database, as the services would have, in bulk."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Model

from accounts.models import Organisation, User
from apr.models import Action, ActionCapacity, ActionType, Confirmation
from opportunities.models import (
    Assignment,
    Capacity,
    Commitment,
    Customer,
    Funnel,
    LostReason,
    Obstacle,
    Opportunity,
    PartnerInvolvement,
    StageChange,
)
from partnerhub.demo.lives import Deed, Life
from partnerhub.demo.notes import NOTES
from partnerhub.demo.people import Cast
from partnerhub.demo.plan import Plan
from partners.models import Partner, PartnerLifecycle

BATCH = 1_000


def write_lives(
    plan: Plan, cast: Cast, funnel: Funnel, lives: list[Life], customers: list[Customer]
) -> list[Opportunity]:
    """The deals with their steps, assignments, partners, actions, obstacles and promises."""
    writer = _Writer(plan, cast, funnel)
    deals = Opportunity.objects.bulk_create(
        [writer.deal(life, customer) for life, customer in zip(lives, customers, strict=True)], BATCH
    )
    pairs = list(zip(deals, lives, strict=True))

    def save(model: type[Model], rows_of: Callable[[Opportunity, Life], Sequence[Model]]) -> None:
        rows = [row for deal, life in pairs for row in rows_of(deal, life)]
        model._default_manager.bulk_create(rows, BATCH)

    save(StageChange, writer.steps)
    save(Assignment, writer.assignments)
    save(PartnerInvolvement, writer.involvements)
    save(Action, writer.actions)
    save(Obstacle, writer.obstacles)
    save(Commitment, writer.commitments)
    return deals


class _Writer:
    """Turns lives into rows. The instant of a step is drawn once, so that all rows agree on it."""

    def __init__(self, plan: Plan, cast: Cast, funnel: Funnel) -> None:
        self.plan, self.cast, self.funnel = plan, cast, funnel
        self.types = {kind.key: kind for kind in ActionType.objects.all()}
        self.reasons = list(LostReason.objects.all())
        self.zone = Organisation.current().tzinfo

    def _noon(self, day: date) -> datetime:
        """Noon at the organisation, when demo deals move; this morning's first minutes for today."""
        hour = time(12) if day < self.plan.today else time(0, 1)
        return datetime.combine(day, hour, self.zone).astimezone(UTC)

    def deal(self, life: Life, customer: Customer) -> Opportunity:
        last = life.steps[-1]
        closed = last.stage.kind != "open"
        return Opportunity(
            name=life.name,
            customer=customer,
            funnel=self.funnel,
            stage=last.stage,
            status=last.stage.kind,
            stage_entered_at=self._noon(last.day),
            amount_minor=life.amount_minor,
            currency=life.currency,
            expected_close_on=life.expected_close,
            opened_on=life.opened,
            closed_on=last.day if closed else None,
            lost_reason=self._reason(life) if last.stage.kind == "lost" else None,
            owner=life.owner,
            partner_manager=life.manager,
            version=len(life.steps) + (life.former_owner is not None),
            created_at=self._noon(life.opened),
        )

    def _reason(self, life: Life) -> LostReason:
        return self.reasons[life.amount_minor // 100 % len(self.reasons)]

    def steps(self, deal: Opportunity, life: Life) -> list[StageChange]:
        rows = []
        left = None
        for step in life.steps:
            at = self._noon(step.day)
            criteria: list[str] = left.criteria if left and step.stage.position > left.position else []
            rows.append(
                StageChange(
                    opportunity=deal,
                    from_stage=left,
                    from_stage_name=left.name if left else "",
                    to_stage=step.stage,
                    to_stage_name=step.stage.name,
                    to_kind=step.stage.kind,
                    probability=step.stage.probability,
                    expected_days=step.stage.expected_days,
                    allowed_silence_days=step.stage.allowed_silence_days,
                    amount_minor=deal.amount_minor,
                    currency=deal.currency,
                    expected_close_on=step.expects,
                    effective_at=at,
                    effective_on=step.day,
                    recorded_at=at,
                    changed_by=life.owner_on(step.day),
                    lost_reason=self._reason(life) if step.stage.kind == "lost" else None,
                    criteria_met=[{"text": text, "met": True} for text in criteria]
                    if step.stage.kind != "lost"
                    else [],
                )
            )
            left = step.stage
        return rows

    def assignments(self, deal: Opportunity, life: Life) -> list[Assignment]:
        start, executive = self._noon(life.opened), Capacity.ACCOUNT_EXECUTIVE
        rows = []
        since = start
        if life.former_owner is not None and life.handed_over is not None:
            since = self._noon(life.handed_over)
            rows.append(self._assignment(deal, life.former_owner, executive, start, since))
        rows.append(self._assignment(deal, life.owner, executive, since))
        if life.manager is not None:
            rows.append(self._assignment(deal, life.manager, Capacity.PARTNER_MANAGER, start))
        return rows

    @staticmethod
    def _assignment(
        deal: Opportunity, user: User, capacity: Capacity, since: datetime, until: datetime | None = None
    ) -> Assignment:
        return Assignment(
            opportunity=deal, user=user, capacity=capacity, starts_at=since, ends_at=until, recorded_at=since
        )

    def involvements(self, deal: Opportunity, life: Life) -> list[PartnerInvolvement]:
        if life.partner is None:
            return []
        return [
            PartnerInvolvement(
                opportunity=deal, partner=life.partner, kind=life.kind, created_at=deal.created_at
            )
        ]

    def actions(self, deal: Opportunity, life: Life) -> list[Action]:
        return [self._action(deal, life, deed) for deed in life.deeds]

    def _action(self, deal: Opportunity, life: Life, deed: Deed) -> Action:
        kind = self.types[deed.kind]
        capacity = ActionCapacity.COACH if kind.is_coaching else ActionCapacity.ACCOUNT_EXECUTIVE
        if deed.actor == life.manager and not kind.is_coaching:
            capacity = ActionCapacity.PARTNER_MANAGER
        return self.action(
            kind,
            deed.actor,
            capacity,
            deed.day,
            opportunity=deal,
            customer=deal.customer,
            partner=life.partner if deed.with_partner else None,
            counterpart=deed.counterpart,
            is_told=life.is_told,
        )

    def action(
        self,
        kind: ActionType,
        actor: User,
        capacity: ActionCapacity,
        day: date,
        *,
        is_told: bool = False,
        **about: object,
    ) -> Action:
        """One action with what its counterpart said to it; some were taken back, but none that is told of."""
        at = self.plan.at_work(actor, day)
        dice = self.plan.random
        row = Action(
            action_type=kind,
            actor=actor,
            logged_by=actor,
            capacity=capacity,
            occurred_at=at,
            occurred_on=day,
            logged_at=at + timedelta(minutes=dice.randrange(1, 60)) if day < self.plan.today else at,
            duration_minutes=dice.choice([15, 20, 30, 45, 60]) if kind.key != "email" else None,
            notes=dice.choice(NOTES[kind.key]) if dice.random() < 0.4 else "",
            source="demo",
            **about,
        )
        answered = row.counterpart is not None and (self.plan.today - day).days > 5
        fate = dice.random() * (0.7 if is_told else 1)
        if answered and fate < 0.7:
            row.confirmation = Confirmation.CONFIRMED
        elif answered and fate < 0.72:
            row.confirmation = Confirmation.DISPUTED
            row.confirmation_note = "That was another week."
        if row.confirmation != Confirmation.NONE:
            row.confirmed_at = at + timedelta(days=1)
        elif fate > 0.995:
            row.voided_at, row.voided_by, row.void_reason = at + timedelta(hours=1), actor, "Logged twice."
        return row

    def obstacles(self, deal: Opportunity, life: Life) -> list[Obstacle]:
        rows = []
        for hurdle in life.hurdles:
            raised_by = life.owner_on(hurdle.day)
            clears = life.manager if hurdle.needs_partner and life.manager else raised_by
            rows.append(
                Obstacle(
                    opportunity=deal,
                    description=hurdle.text,
                    raised_by=raised_by,
                    raised_at=self._noon(hurdle.day),
                    needs_partner=hurdle.needs_partner,
                    partner=life.partner if hurdle.needs_partner else None,
                    assigned_to=clears,
                    due_on=hurdle.due,
                    cleared_at=self._noon(hurdle.cleared) if hurdle.cleared else None,
                    cleared_by=clears if hurdle.cleared else None,
                    resolution="Agreed with the customer." if hurdle.cleared else "",
                )
            )
        return rows

    def commitments(self, deal: Opportunity, life: Life) -> list[Commitment]:
        return [
            Commitment(
                opportunity=deal,
                made_by=word.by,
                made_to=word.to,
                text=word.text,
                due_on=word.due,
                made_at=self._noon(word.made),
                settled_at=self._noon(word.settled) if word.settled else None,
                outcome=word.outcome,
            )
            for word in life.words
        ]


def write_partner_work(plan: Plan, cast: Cast, partners: dict[int, list[Partner]]) -> None:
    """What partner managers do for their partners beside any deal."""
    writer = _Writer(plan, cast, Funnel.objects.get(is_default=True))
    kinds = ["business_review", "enablement", "call_to", "email", "conference_call", "face_to_face"]
    weights = [10, 22, 26, 20, 14, 8]
    share = plan.actions * 0.06 / max(1, len(cast.managers)) / 255
    rows = []
    for manager in cast.managers:
        active = [p for p in partners[manager.pk] if p.lifecycle != PartnerLifecycle.DORMANT]
        for day in plan.workdays(plan.start, plan.today):
            if active and cast.works(manager, day) and plan.chance(share * cast.zeal[manager.pk]):
                kind = writer.types[plan.random.choices(kinds, weights)[0]]
                partner = plan.random.choice(active)
                rows.append(
                    writer.action(kind, manager, ActionCapacity.PARTNER_MANAGER, day, partner=partner)
                )
    Action.objects.bulk_create(rows, BATCH)

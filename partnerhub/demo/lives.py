"""How a demo deal lives: day by working day, with actions, steps, obstacles and promises.

Deals with recent actions move on more readily (`EFFECT`): the one true effect planted in the demo.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import log1p

from accounts.models import User
from opportunities.models import CommitmentOutcome, Stage
from partnerhub.demo.people import Cast
from partnerhub.demo.plan import Plan
from partners.models import Partner

EFFECT = 0.25
AE_TYPES = {
    "email": 38,
    "call_to": 26,
    "call_from": 10,
    "conference_call": 13,
    "face_to_face": 8,
    "webinar": 5,
}
PM_TYPES = {
    "coaching_session": 24,
    "joint_deal_review": 18,
    "call_to": 16,
    "conference_call": 14,
    "email": 12,
    "face_to_face": 8,
    "partner_introduction": 8,
}
PROMISES = [
    "Send the offer with the revised price",
    "Agree the pilot scope",
    "Book the demo with the users",
    "Answer the security questionnaire",
    "Arrange a reference call",
    "Name the signatory",
    "Return the redlines",
    "Introduce the partner’s architect",
    "Confirm the budget holder",
]
OBSTACLES = [
    "Security questionnaire unanswered",
    "Champion on leave",
    "Data-residency clause",
    "Budget frozen",
    "Second quote wanted",
    "No access to the decision maker",
    "Competitor’s pilot running",
    "Legal review is slow",
    "Integration not proven",
]


@dataclass
class Step:
    """A stage entered on a day, and the close that was expected then."""

    stage: Stage
    day: date
    expects: date | None


@dataclass
class Deed:
    """Something that somebody did on a deal."""

    kind: str
    actor: User
    day: date
    counterpart: User | None = None
    with_partner: bool = False


@dataclass
class Hurdle:
    """An obstacle from the day it was raised."""

    text: str
    day: date
    due: date
    needs_partner: bool
    cleared: date | None = None


@dataclass
class Word:
    """A promise."""

    text: str
    by: User
    to: User | None
    made: date
    due: date
    outcome: CommitmentOutcome = CommitmentOutcome.OPEN
    settled: date | None = None


@dataclass
class Life:
    """A deal and all that happened to it. The last step is where it stands. What is told day by day in the
    guide is not left to chance (`is_told`)."""

    name: str
    owner: User
    manager: User | None
    partner: Partner | None
    amount_minor: int
    currency: str
    opened: date
    steps: list[Step] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    hurdles: list[Hurdle] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    former_owner: User | None = None
    handed_over: date | None = None
    kind: str = "influenced"
    expected_close: date | None = None
    is_told: bool = False

    def owner_on(self, day: date) -> User:
        """Who drove the deal on a day."""
        if self.former_owner is not None and self.handed_over is not None and day < self.handed_over:
            return self.former_owner
        return self.owner


class Lives:
    """Lets deals live until today. `tempo` scales how many actions they see."""

    def __init__(self, plan: Plan, cast: Cast, stages: dict[str, Stage], tempo: float) -> None:
        self.plan, self.cast, self.stages, self.tempo = plan, cast, stages, tempo
        self.path = [stage for stage in stages.values() if stage.kind == "open"]

    def live(self, life: Life) -> None:
        """Walks the working days from the opening to the close or today."""
        place = 0
        self._enter(life, place, life.opened)
        recent: list[date] = []
        quiet = self.plan.chance(0.15)  # some deals are left alone
        for day in self.plan.workdays(life.opened + timedelta(days=1), self.plan.today):
            recent = [one for one in recent if (day - one).days <= 14]
            recent += [day] * self._act(life, day, quiet)
            stage = self.path[place]
            odds = 1 / ((stage.expected_days or 15) * 0.95) * (1 + EFFECT * (log1p(len(recent)) - 1))
            if self.plan.chance(odds):
                place += 1
                if place == len(self.path):
                    self._close(life, "Won", day)
                    return
                self._enter(life, place, day)
            elif self.plan.chance(0.0058):
                self._close(life, "Lost", day)
                return
            elif place > 1 and self.plan.chance(0.002):
                place -= 1
                self._enter(life, place, day)
        self._look_ahead(life, place)

    def _enter(self, life: Life, place: int, day: date) -> None:
        """The deal enters an open stage; its people guess the close anew, as well as people do."""
        left = sum((stage.expected_days or 10) for stage in self.path[place:])
        guess = day + timedelta(days=round(left * 7 / 5 * self.plan.random.uniform(0.7, 1.2)))
        life.steps.append(Step(self.path[place], day, guess))
        life.expected_close = guess

    def _close(self, life: Life, name: str, day: date) -> None:
        """The deal is won or lost; what was expected last stays as it was."""
        life.steps.append(Step(self.stages[name], day, life.expected_close))

    def _act(self, life: Life, day: date, quiet: bool) -> int:
        """The actions of one day; returns how many."""
        before = len(life.deeds)
        owner = life.owner_on(day)
        calm = 0.35 if quiet else 1.0
        if self.plan.chance(0.21 * self.tempo * calm * self._zeal(owner, day)):
            life.deeds.append(Deed(self._pick(AE_TYPES), owner, day))
        manager = life.manager
        if manager and self.plan.chance(0.078 * self.tempo * calm * self._zeal(manager, day)):
            kind = self._pick(PM_TYPES)
            together = kind in ("coaching_session", "joint_deal_review") or self.plan.chance(0.25)
            life.deeds.append(
                Deed(kind, manager, day, owner if together else None, kind != "coaching_session")
            )
        if self.plan.chance(0.006):
            self._raise(life, day)
        if self.plan.chance(0.022):
            self._promise(life, day, owner)
        return len(life.deeds) - before

    def _zeal(self, person: User, day: date) -> float:
        """How much the person logs; nothing on days away."""
        return self.cast.zeal[person.pk] if self.cast.works(person, day) else 0.0

    def _pick(self, kinds: dict[str, int]) -> str:
        return self.plan.random.choices(list(kinds), list(kinds.values()))[0]

    def _raise(self, life: Life, day: date) -> None:
        due = day + timedelta(days=self.plan.random.randrange(7, 18))
        cleared = due + timedelta(days=self.plan.random.randrange(-6, 7))
        hurdle = Hurdle(
            text=self.plan.random.choice(OBSTACLES),
            day=day,
            due=due,
            needs_partner=life.partner is not None and self.plan.chance(0.6),
            cleared=cleared if cleared < self.plan.today and self.plan.chance(0.85) else None,
        )
        life.hurdles.append(hurdle)
        if (
            hurdle.cleared
            and hurdle.needs_partner
            and life.manager
            and self.cast.works(life.manager, hurdle.cleared)
        ):
            life.deeds.append(
                Deed("obstacle_cleared", life.manager, hurdle.cleared, life.owner_on(hurdle.cleared), True)
            )

    def _promise(self, life: Life, day: date, owner: User) -> None:
        """A promise of one to the other, settled when its date is past."""
        by, to = owner, life.manager
        if life.manager and self.plan.chance(0.4):
            by, to = life.manager, owner
        due = day + timedelta(days=self.plan.random.randrange(4, 15))
        word = Word(self.plan.random.choice(PROMISES), by, to, day, due)
        life.words.append(word)
        if due >= self.plan.today - timedelta(days=1):
            return
        fate = self.plan.random.random()
        late = due + timedelta(days=self.plan.random.randrange(1, 5))
        if fate < 0.74:
            word.outcome, word.settled = CommitmentOutcome.KEPT, due
        elif fate < 0.84 and late < self.plan.today:
            word.outcome, word.settled = CommitmentOutcome.LATE, late
        elif fate < 0.94:
            word.outcome, word.settled = CommitmentOutcome.BROKEN, due + timedelta(days=1)
        else:
            word.outcome, word.settled = CommitmentOutcome.WITHDRAWN, due - timedelta(days=1)

    def _look_ahead(self, life: Life, place: int) -> None:
        """What an open deal has before it: a close date (some in the past) and, mostly, a next step."""
        left = sum((stage.expected_days or 10) for stage in self.path[place:])
        spread = self.plan.random.randrange(-12, left + 25)
        life.expected_close = self.plan.today + timedelta(days=spread) if self.plan.chance(0.96) else None
        if self.plan.chance(0.8):
            made = max(life.opened, self.plan.today - timedelta(days=self.plan.random.randrange(1, 9)))
            due = self.plan.today + timedelta(days=self.plan.random.randrange(-4, 13))
            text = self.plan.random.choice(PROMISES)
            life.words.append(Word(text, life.owner, life.manager, made, max(due, made)))

"""A secret word in every text field of every row, and by whom each may be read, said without the product.

The house of `house.py` gets a second circle that has nothing to do with the first: Sam's deal, with Rae, whom
Otto leads. Every row belongs to one of the circles, to one person, or to everybody; `READERS` says so, one
line for each model with text. A model without a line, or without a row, fails `test_canaries.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.mail import send_mail
from django.db import models
from django.utils import timezone

from accounts.mail import OutgoingMail
from accounts.models import Invitation, Team, TeamKind, User
from apr.models import Closing, CoachingAdvice, NotificationChoice
from apr.nudges.digests import write_digests
from apr.nudges.mailing import mail_at_once
from apr.nudges.team_digests import write_team_digests
from apr.nudges.telling import tell
from apr.services.closing import work_on_closings
from audit.models import Entry, Kind
from audit.recording import record
from exchange.models import IdempotencyKey, ImportLine, ImportMapping, ImportRun
from opportunities.models import InvolvementKind, Opportunity, StageChange
from opportunities.services.details import open_opportunity
from partners.models import GoalProgress, GoalVersion, PartnerContact
from tests.access.house import House
from tests.factories import (
    ActionFactory,
    CommitmentFactory,
    CustomerFactory,
    HandOverFactory,
    ObstacleFactory,
    PartnerFactory,
    PartnerGoalFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    TrialFactory,
    action_type,
    stage,
)

# Ana's deal: the two on it, who leads each of them, administrators. Sam's: Sam, who leads him and Rae.
DEALS = {"north": frozenset(["ana", "nora", "lea", "max", "ada"]), "south": frozenset(["sam", "otto", "ada"])}
OWN_FIGURES = {"north": frozenset(["ana", "lea", "ada"]), "south": DEALS["south"]}
TWO = {"north": frozenset(["ana", "nora"]), "south": frozenset(["sam"])}
ALL = frozenset(["ana", "nora", "pia", "lea", "max", "otto", "ada", "sam"])
ADMIN, NOBODY = frozenset(["ada"]), frozenset[str]()

Readers = Callable[[Any, "Circles"], frozenset[str]]


@dataclass
class Circles:
    """Which circle each row belongs to, by model and number, and what people are called in the table."""

    names: dict[int, str]
    of: dict[tuple[type[models.Model], Any], str] = field(default_factory=dict)

    def person(self, number: int) -> frozenset[str]:
        return frozenset([self.names[number]]) if number in self.names else NOBODY


def everybody(row: Any, circles: Circles) -> frozenset[str]:
    return ALL


def admins(row: Any, circles: Circles) -> frozenset[str]:
    return ADMIN


def nobody(row: Any, circles: Circles) -> frozenset[str]:
    return NOBODY


def on_the_deal(row: Any, circles: Circles) -> frozenset[str]:
    return DEALS[circles.of[type(row), row.pk]]


def the_two(row: Any, circles: Circles) -> frozenset[str]:
    return TWO[circles.of[type(row), row.pk]]


def their_own(row: Any, circles: Circles) -> frozenset[str]:
    return circles.person(getattr(row, "user_id", None) or row.person_id)


def their_own_and_admins(row: Any, circles: Circles) -> frozenset[str]:
    return their_own(row, circles) | ADMIN


def the_targets(row: Any, circles: Circles) -> frozenset[str]:
    return OWN_FIGURES[circles.of[type(row), row.pk]]


def the_teams(row: Team, circles: Circles) -> frozenset[str]:
    """Its people, who leads them, and who works with them, because pairs tell their teams."""
    return {
        "North": DEALS["north"] | {"pia"},
        "Alliances": DEALS["north"] - {"lea"},
        "South": DEALS["south"],
        "South alliances": DEALS["south"],
    }[circles.of[Team, row.pk]]


def notes(row: Any, circles: Circles) -> frozenset[str]:
    """Of coaching, the two who were there; of everything else, who sees the deal."""
    return (the_two if row.action_type.category == "coaching" else on_the_deal)(row, circles)


READERS: dict[str, Readers] = {
    "accounts.User": everybody,
    "accounts.Invitation": admins,
    "accounts.OutgoingMail": admins,
    "accounts.OutgoingMail.text": nobody,
    "accounts.OutgoingMail.html": nobody,
    "accounts.Organisation": everybody,
    "accounts.Holiday": everybody,
    "accounts.Team": the_teams,
    "account.EmailAddress": their_own_and_admins,
    "partners.Partner": on_the_deal,
    "partners.PartnerContact": on_the_deal,
    "partners.PartnerGoal": on_the_deal,
    "partners.GoalVersion": on_the_deal,
    "partners.GoalProgress": on_the_deal,
    "opportunities.Funnel": everybody,
    "opportunities.Stage": everybody,
    "opportunities.LostReason": everybody,
    "opportunities.ObstacleKind": everybody,
    "opportunities.Customer": everybody,
    "opportunities.Opportunity": on_the_deal,
    "opportunities.StageChange": on_the_deal,
    "opportunities.HandOver": on_the_deal,
    "opportunities.Obstacle": on_the_deal,
    "opportunities.Commitment": on_the_deal,
    "apr.ActionType": everybody,
    "apr.Action": on_the_deal,
    "apr.Action.notes": notes,
    "apr.CoachingAdvice": the_two,
    "apr.Closing": everybody,
    "apr.Target": the_targets,
    "apr.Trial": admins,
    "exchange.ApiToken": their_own,
    "exchange.IdempotencyKey": nobody,
    "exchange.ImportRun": admins,
    "exchange.ImportLine": admins,
    "exchange.ImportMapping": admins,
    "audit.Entry": admins,
}
# Text that is no word: what it holds instead. Derived rows take their words from the planted ones.
NO_WORDS = {
    "accounts.User.password": "a hash",
    "accounts.User.time_zone": "a name of the time zone database",
    "accounts.Invitation.token_hash": "a hash",
    "accounts.Organisation.time_zone": "a name of the time zone database",
    "accounts.Organisation.working_week": "digits of days",
    "accounts.Organisation.holiday_country": "a code",
    "accounts.Organisation.holiday_subdivision": "a code",
    "accounts.Organisation.reporting_currency": "a code",
    "accounts.ExchangeRate.currency": "a code",
    "accounts.ExchangeRate.reporting_currency": "a code",
    "partners.PartnerGoal.currency": "a code",
    "partners.GoalVersion.currency": "a code",
    "opportunities.Opportunity.currency": "a code",
    "opportunities.StageChange.currency": "a code",
    "apr.ActionType.key": "a key that code knows",
    "apr.ActionType.icon": "the name of a drawing",
    "apr.Closing.key": "a period",
    "apr.Closing.tree": "numbers of teams",
    "apr.Target.metric_key": "the key of an action type",
    "apr.Action.request_key": "chosen by a form",
    "apr.Notification.subject": "a kind and a number",
    "apr.Notification.facts": "derived: apr.nudges.finding",
    "apr.NotificationChoice.channels": "keys that code knows",
    "apr.NudgeRules.kinds_off": "keys that code knows",
    "apr.EvidenceReport.digest": "a hash",
    "apr.EvidenceReport.version": "a hash",
    "apr.EvidenceReport.findings": "figures and keys that code knows",
    "apr.EvidenceReport.rows": "numbers of deals",
    "apr.EvidenceReport.forecast": "figures",
    "apr.Trial.version": "a version",
    "apr.Trial.drawn": "a hash",
    "apr.TrialResult.version": "a version",
    "apr.TrialResult.problem": "a key that code knows",
    "apr.TrialResult.findings": "figures",
    "apr.TrialResult.values": "figures by numbers of people",
    "apr.DealCredit.currency": "a code",
    "apr.KnownCredit.currency": "a code",
    "apr.KnownScorecard.figures": "figures",
    "apr.KnownPair.components": "figures",
    "apr.KnownPair.rows": "numbers of rows, and names of stages",
    "apr.KnownPair.pm_side": "a figure",
    "apr.KnownPair.ae_side": "a figure",
    "apr.KnownPair.score": "a figure",
    "apr.JointWeight.component": "a key that code knows",
    "account.EmailConfirmation.key": "a key; no confirmation is kept by the product",
    "apr.StaleWide.key": "the key of a row",
    "apr.Audit.examples": "numbers of rows",
    "exchange.ApiToken.token_hash": "a hash",
    "exchange.IdempotencyKey.request_hash": "a hash",
    "exchange.IdempotencyKey.headers": "headers of an answer",
    "exchange.ImportRun.kind": "a key that code knows",
    "exchange.ImportMapping.kind": "a key that code knows",
    "exchange.ImportMapping.header": "a hash",
    "exchange.ImportRun.preset": "a key that code knows",
    "exchange.ImportRun.currency": "a code",
    "audit.Entry.act": "a key that code knows",
    "audit.Entry.object_type": "the name of a model",
    "audit.Entry.object_id": "a number",
    "audit.Entry.via": "a key that code knows",
    "audit.Entry.network": "a network",
    "audit.Entry.request_id": "a number",
    "audit.Seal.hash": "a hash",
    "audit.Head.hash": "a hash",
    "audit.Opening.what": "a key that code knows",
    "partnerhub.Heartbeat.queue": "a key that code knows",
}
# JSON of a certain shape; any other is a list of words, or facts by name.
SHAPES: dict[str, Callable[[str], Any]] = {
    "opportunities.StageChange.criteria_met": lambda word: [{"text": word, "met": True}],
    "exchange.ImportRun.problems": lambda word: [{"line": 1, "column": "name", "reason": word}],
    "exchange.ImportLine.problems": lambda word: [{"line": 1, "column": "name", "reason": word}],
}
OURS = ("accounts", "partners", "opportunities", "apr", "exchange", "audit", "partnerhub", "account")
TEXT = (models.CharField, models.TextField, models.JSONField)


@dataclass(frozen=True)
class Canary:
    """Where a word stands, and who may read it."""

    place: str
    readers: frozenset[str]


def text_fields() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    """Every field of our models in which a person can have written something."""
    for model in apps.get_models():
        for one in model._meta.concrete_fields if model._meta.app_label in OURS else ():
            if isinstance(one, TEXT) and not one.choices and place_of(model, one) not in NO_WORDS:
                yield model, one


def place_of(model: type[models.Model], one: models.Field[Any, Any]) -> str:
    return f"{model._meta.label}.{one.name}"


def plant(house: House) -> dict[str, Canary]:
    """Fills both circles, writes the words, and lets the workers make of them what they make."""
    circles = both_circles(house)
    words = dict(_write_words(circles))
    Closing.objects.filter(reopened_at=None).delete()
    _let_the_workers_work()
    return words


def both_circles(house: House) -> Circles:
    sam, otto = User.objects.get(name="Sam"), house.people["otto"]
    house.people["sam"] = sam
    circles = Circles({person.pk: name for name, person in house.people.items()})
    _take_stock(circles, "north")
    for team in Team.objects.order_by("pk"):
        circles.of[Team, team.pk] = team.name
    _fill_north(house)
    _take_stock(circles, "north")
    _fill_south(house, sam, otto)
    _take_stock(circles, "south")
    circles.of[Team, Team.objects.get(name="South alliances").pk] = "South alliances"
    return circles


def _take_stock(circles: Circles, circle: str) -> None:
    """All rows that were not there before belong to this circle."""
    for model in {model for model, _field in text_fields()}:
        for pk in model._base_manager.values_list("pk", flat=True):
            circles.of.setdefault((model, pk), circle)


def _fill_north(house: House) -> None:
    ana, nora, ada = (house.people[name] for name in ("ana", "nora", "ada"))
    deal, partner = house.rows["deal"], house.rows["partner"]
    _fill(deal, partner, ae=ana, pm=nora, coaching=house.rows["coaching"])
    Invitation.objects.create(
        user=house.people["pia"],
        email="pia@elsewhere.example",
        token_hash="0" * 64,
        expires_at=timezone.now(),
    )
    IdempotencyKey.objects.create(user=ana, key="once", request_hash="0" * 64, body="{}")
    ImportRun.objects.filter(pk=house.rows["run"].pk).update(problems=["line 1"], note="half done")
    TrialFactory(started_by=ada, stopped_by=ada, stopped_at=timezone.now(), stop_reason="Wrong teams")
    ImportLine.objects.create(run=house.rows["run"], line=2, outcome="refused", name="Acme", cells=["Acme"])
    ImportMapping.objects.create(kind="people", header="0" * 64)
    send_mail("Hello", "Come in", None, [ana.email])
    OutgoingMail.objects.update(html="<p>Come in</p>", error="refused", state="failed")
    for person in house.people.values():
        EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
        NotificationChoice.objects.create(person=person, digest="daily", hour=0)
    for key, kind in (("2026-08", "month"), ("2026-07", "month")):
        Closing.objects.create(
            kind=kind,
            starts_on=f"{key}-01",
            ends_on=f"2026-{int(key[-1]) + 1:02}-01",
            key=key,
            fiscal_first_month=1,
            closed_by=ada,
            known_at=timezone.now(),
            status="done",
            reopened_at=timezone.now(),
            reopened_by=ada,
            reopen_reason="Late entries",
        )


def _fill_south(house: House, sam: User, otto: User) -> None:
    rae = PMFactory(name="Rae")
    TeamFactory(name="South alliances", kind=TeamKind.PARTNER, leaders=[otto], members=[rae])
    partner = PartnerFactory(name="Sudvik", managers=[rae])
    deal = open_opportunity(
        name="Umbrella renewal", stage=stage("Qualify"), customer=CustomerFactory(name="Umbrella"),
        amount=house.rows["deal"].amount, expected_close_on=house.rows["deal"].expected_close_on,
        opened_at=timezone.now() - timedelta(days=60), owner=sam, partner_manager=rae,
        partners=[(partner, InvolvementKind.SOURCED)], by=None,
    )  # fmt: skip
    PartnerContact.objects.create(partner=partner, name="Cy")
    TargetFactory(user=sam, set_by=house.people["ada"])
    now = timezone.now()
    ActionFactory(actor=sam, opportunity=deal, counterpart=rae, occurred_at=now - timedelta(days=1))
    coaching = ActionFactory(
        actor=rae, action_type=action_type("coaching_session"), capacity="coach", counterpart=sam,
        opportunity=deal, customer=None, occurred_at=now - timedelta(days=2),
    )  # fmt: skip
    ObstacleFactory(opportunity=deal, raised_by=sam)
    CommitmentFactory(opportunity=deal, made_by=sam, made_to=rae)
    _fill(deal, partner, ae=sam, pm=rae, coaching=coaching)
    house.rows |= {"sam": sam, "south_deal": deal, "south_partner": partner, "south_coaching": coaching}


def _fill(deal: Opportunity, partner: Any, *, ae: User, pm: User, coaching: Any) -> None:
    """What a circle needs so that each of its models has a row."""
    now = timezone.now()
    CoachingAdvice.objects.create(action=coaching, text="Ask who signs", word="I will", acknowledged_at=now)
    HandOverFactory(
        opportunity=deal, partner=partner, offered_by=pm, offered_to=ae, outcome="returned", answered_by=ae,
        answered_at=now, reason="Not my region", offered_at=now - timedelta(days=1),
    )  # fmt: skip
    goal = PartnerGoalFactory(partner=partner, created_by=pm)
    terms = {name: getattr(goal, name) for name in ("text", "metric", "target", "starts_on", "due_on", "why")}
    GoalVersion.objects.create(goal=goal, set_by=pm, **terms)
    GoalProgress.objects.create(goal=goal, on=now.date(), value=1, entered_by=pm)
    ObstacleFactory(opportunity=deal, raised_by=pm, cleared_by=ae, raised_at=now, cleared_at=now)
    ObstacleFactory(opportunity=deal, raised_by=pm, due_on=now.date(), assigned_to=ae)
    CommitmentFactory(opportunity=deal, made_by=ae, made_to=pm, due_on=now.date() + timedelta(days=1))
    for told in ({"voided_at": now, "voided_by": ae}, {"confirmation": "disputed", "confirmed_at": now}):
        ActionFactory(actor=ae, opportunity=deal, counterpart=pm, occurred_at=now - timedelta(days=3), **told)


def _write_words(circles: Circles) -> Iterator[tuple[str, Canary]]:
    """Puts a word of its own into each text field of each row."""
    numbers = count()
    for model, group in _by_model().items():
        for row in model._base_manager.order_by("pk"):
            written = {}
            for one in group:
                word = _word(next(numbers))
                place = place_of(model, one)
                written[one.name] = SHAPES[place](word) if place in SHAPES else _fitting(one, word)
                readers = READERS[place if place in READERS else model._meta.label]
                yield (
                    word,
                    Canary(f"{place} of {circles.of.get((model, row.pk), '-')}", readers(row, circles)),
                )
            if model is Entry:  # triggers keep the log as it was written
                facts = {name: written[name] for name in ("before", "after")}
                record(Kind.EXPORT, "exported", label=written["label"], **facts)
                break
            model._base_manager.filter(pk=row.pk).update(**written)


def _by_model() -> dict[type[models.Model], list[models.Field[Any, Any]]]:
    groups: dict[type[models.Model], list[models.Field[Any, Any]]] = {}
    for model, one in text_fields():
        groups.setdefault(model, []).append(one)
    return groups


def _word(number: int) -> str:
    """`zqaaab`: letters that no language puts together, six for each."""
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, 26)
        letters = chr(ord("a") + rest) + letters
    return f"zq{letters}"


def _fitting(one: models.Field[Any, Any], word: str) -> Any:
    if isinstance(one, models.EmailField):
        return f"{word}@fieldstone.example"
    if isinstance(one, models.URLField):
        return f"https://{word}.example/"
    if isinstance(one, models.JSONField):
        return {"name": word} if one.default is dict else [word]
    return word


def _let_the_workers_work() -> None:
    """Notifications, letters and a closed month, made of what now stands in the tables."""
    Closing.objects.create(
        kind="month", starts_on="2026-08-01", ends_on="2026-09-01", key="2026-08", fiscal_first_month=1
    )
    work_on_closings()
    NotificationChoice.objects.update(channels={"promise_due": "now", "obstacle_due": "now"})
    tell()
    mail_at_once()
    write_digests()
    write_team_digests()
    assert OutgoingMail.objects.filter(text__contains="zq").exists()
    assert StageChange.objects.exists()

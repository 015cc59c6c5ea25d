"""The demo's deals: who they belong to, how they lived, and their rows."""

from datetime import UTC, date, datetime, time, timedelta

from opportunities.defaults import install_defaults
from opportunities.models import Customer, Funnel, Stage
from partnerhub.demo.lives import Deed, Life, Lives, Step
from partnerhub.demo.people import Cast
from partnerhub.demo.plan import Plan
from partnerhub.demo.rows import write_lives
from partnerhub.demo.story import acme_renewal
from partners.models import Partner

NOUNS = [
    "rollout",
    "renewal",
    "platform",
    "pilot",
    "migration",
    "archive",
    "ledger",
    "bookings",
    "portal",
    "analytics",
]
KINDS = ["sourced"] * 45 + ["influenced"] * 30 + ["co_sell"] * 15 + ["resell"] * 6 + ["delivered"] * 4
CURRENCIES = ["EUR"] * 84 + ["USD"] * 8 + ["GBP"] * 5 + ["SEK"] * 3
# Where an account executive's three partner managers begin: Ana, the first, works with Jonas, Mei and Nora.
FIRST_NEAR = 1
# With these chances of acting, a deal sees about so many actions in its life.
ACTIONS_A_DEAL = 12.8


def make_deals(plan: Plan, cast: Cast, partners: dict[int, list[Partner]]) -> list[Life]:
    """Deals opened through a year and a quarter, lived until today and written to the database."""
    install_defaults()
    funnel = Funnel.objects.get(is_default=True)
    stages = {stage.name: stage for stage in Stage.objects.filter(funnel=funnel)}
    customers = _customers(plan)
    lives = Lives(plan, cast, stages, tempo=plan.actions * 0.94 / plan.deals / ACTIONS_A_DEAL)
    all_lives = []
    for number in range(plan.deals - 1):
        life = _born(plan, cast, partners, customers[number % len(customers)].name)
        lives.live(life)
        all_lives.append(life)
    _reopen_some(plan, cast, all_lives, stages)
    all_lives.append(acme_renewal(plan, cast, stages))
    acme = Customer.objects.create(name="Acme Logistics", industry="Logistics", region="Benelux")
    owners = [customers[number % len(customers)] for number in range(plan.deals - 1)]
    write_lives(plan, cast, funnel, all_lives, [*owners, acme])
    return all_lives


def _customers(plan: Plan) -> list[Customer]:
    moment = datetime.combine(plan.start, time(12), UTC)
    industries = ["Logistics", "Health", "Retail", "Energy", "Public sector", "Finance", "Manufacturing"]
    return Customer.objects.bulk_create(
        Customer(
            name=plan.faker.company()[:160],
            industry=plan.random.choice(industries),
            region=plan.random.choice(["Nordics", "DACH", "Benelux", "Iberia", "UK and Ireland", "Americas"]),
            created_at=moment,
        )
        for _ in range(max(1, plan.deals // 3))
    )


def _born(plan: Plan, cast: Cast, partners: dict[int, list[Partner]], customer: str) -> Life:
    """A deal before its first day: its people, partner, amount and opening."""
    owner = plan.random.choice(cast.executives)
    # Everybody works with three colleagues of the other line most of the time, so that pairs have a history.
    near = cast.executives.index(owner) + FIRST_NEAR + plan.random.randrange(3)
    manager = cast.managers[near % len(cast.managers)] if plan.chance(0.62) else None
    own = partners[manager.pk] if manager else []
    short = customer.replace(",", "").split()[0].split("-")[0]
    life = Life(
        name=f"{short} {plan.random.choice(NOUNS)}",
        owner=owner,
        manager=manager,
        partner=plan.random.choice(own) if own else None,
        amount_minor=max(3_000, round(plan.random.lognormvariate(10.6, 0.75), -2).__int__()) * 100,
        currency=plan.random.choice(CURRENCIES),
        opened=_opening(plan),
        kind=plan.random.choice(KINDS),
    )
    if plan.chance(0.04):
        others = [person for person in cast.executives if person != owner]
        life.former_owner = plan.random.choice(others)
        life.handed_over = min(life.opened + timedelta(days=plan.random.randrange(20, 90)), plan.today)
    return life


def _opening(plan: Plan) -> date:
    """A working day between a quarter before the history and yesterday."""
    day = plan.today - timedelta(days=plan.random.randrange(2, (plan.today - plan.first_opening).days))
    while not plan.calendar.is_working(day):
        day -= timedelta(days=1)
    return day


def _reopen_some(plan: Plan, cast: Cast, lives: list[Life], stages: dict[str, Stage]) -> None:
    """A few lost deals came back a week later and are open again."""
    week = timedelta(days=7)
    lost = [life for life in lives if life.steps[-1].stage.name == "Lost"]
    lost = [
        life
        for life in lost
        if plan.today - timedelta(days=60) < life.steps[-1].day < plan.today - timedelta(days=9)
        and cast.works(life.owner, life.steps[-1].day + week)
    ]
    for life in lost[:5]:
        day = life.steps[-1].day + week
        life.expected_close = plan.today + timedelta(days=plan.random.randrange(10, 60))
        life.steps.append(Step(stages["Discovery"], day, life.expected_close))
        life.deeds.append(Deed("call_from", life.owner, day))

"""The people of Fieldstone: two reporting lines, several countries, a few moves and absences."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils.text import slugify

from accounts.calendar import WorkingCalendar
from accounts.calendars import organisation_calendar, personal_calendars
from accounts.models import (
    Absence,
    ExchangeRate,
    Membership,
    Organisation,
    Role,
    RoleGrant,
    Team,
    TeamKind,
    User,
)
from accounts.services.calendar import apply_holiday_calendar, years_needed
from apr.models import ActionType, Metric, PointRule, Target
from apr.periods import PeriodKind
from partnerhub.demo.plan import Plan
from partnerhub.demo.sign_ins import PASSWORD, address_of

SINCE = timedelta(days=800)
COUNTRY = "NL"
ZONES = {
    "Sales West": "Europe/Amsterdam",
    "Sales East": "Europe/Warsaw",
    "Commercial": "Europe/Madrid",
    "Americas": "America/New_York",
    "Alliances North": "Europe/Stockholm",
    "Alliances South": "Europe/Madrid",
}
# team, its leader, and those of its people who have a part in the story
TEAMS = {
    TeamKind.SALES: {
        "Sales West": (
            "Lars Dekker",
            ["Ana Kovač", "Ben Achterberg", "Elise Moreau", "Samir Haddad", "Ana Lima"],
        ),
        "Sales East": ("Katarzyna Zielińska", []),
        "Commercial": ("Diego Fuentes", []),
        "Americas": ("Grace Whitfield", []),
    },
    TeamKind.PARTNER: {
        "Alliances North": (
            "Priya Menon",
            ["Aisha Rahman", "Jonas Weber", "Mei Tanaka", "Nora Lindqvist", "Piotr Nowak", "Tomás Herrera"],
        ),
        "Alliances South": ("Chiara Conti", []),
    },
}
HEADS = {TeamKind.SALES: ("Sales", "Ingrid Solberg"), TeamKind.PARTNER: ("Partnerships", "Oliver Grant")}
ADMIN = "Elif Maes"
# The two of the story: one logs well, the other has fallen behind. Others get theirs by dice.
ZEAL = {"Nora Lindqvist": 1.0, "Jonas Weber": 0.3}
# Whose days on Acme renewal are told one by one, so that their holidays lie before it.
TOLD = {"Nora Lindqvist", "Ana Kovač"}
MEMBER_ROLE = {TeamKind.SALES: Role.ACCOUNT_EXECUTIVE, TeamKind.PARTNER: Role.PARTNER_MANAGER}


@dataclass
class Cast:
    """Everybody, by what they do. `zeal` is how much somebody logs, 1 on the average."""

    executives: list[User] = field(default_factory=list)
    managers: list[User] = field(default_factory=list)
    by_name: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    zeal: dict[int, float] = field(default_factory=dict)
    calendars: dict[int, WorkingCalendar] = field(default_factory=dict)

    def works(self, person: User, day: date) -> bool:
        """Whether the person is at work on that day."""
        return self.calendars[person.pk].is_working(day)


def make_people(plan: Plan) -> Cast:
    """The organisation with teams, people, roles, membership, absences, rules and targets."""
    _make_organisation(plan)
    cast = Cast()
    _make_heads(plan, cast)
    places = [(kind, team) for kind, teams in TEAMS.items() for team in teams]
    fixed = sum(len(named) + 1 for teams in TEAMS.values() for _, named in teams.values()) + 3
    extra = max(plan.people - fixed, len(places))
    for kind, team in places:
        named = TEAMS[kind][team][1]
        share = 0 if named else extra // (len(places) - 2)
        names = [*named, *(_new_name(plan, cast) for _ in range(share))]
        _make_members(plan, cast, kind, team, names)
    _make_moves(plan, cast)
    _make_rules(plan)
    _make_targets(plan, cast)
    everybody = [person.pk for person in (*cast.executives, *cast.managers)]
    cast.calendars = personal_calendars(everybody, plan.first_opening, plan.today, plan.calendar)
    return cast


def _make_organisation(plan: Plan) -> None:
    """Fieldstone of Amsterdam, with the holidays there; the demo's calendar is its calendar."""
    organisation, _made = Organisation.objects.update_or_create(
        pk=1,
        defaults={
            "name": "Fieldstone",
            "time_zone": "Europe/Amsterdam",
            "reporting_currency": "EUR",
            "holiday_country": COUNTRY,
        },
    )
    apply_holiday_calendar(COUNTRY, "", years_needed(plan.today, plan.first_opening))
    plan.calendar = organisation_calendar(organisation)


def _new_name(plan: Plan, cast: Cast) -> str:
    while True:
        name = f"{plan.faker.first_name()} {plan.faker.last_name()}"
        taken = {address_of(known) for known in cast.by_name}
        if address_of(name) not in taken and slugify(name.split()[0]) and slugify(name.split()[-1]):
            cast.by_name.setdefault(name, User())  # reserves the address until the person is made
            return name


def _person(plan: Plan, cast: Cast, name: str, zone: str, roles: list[Role]) -> User:
    email = address_of(name)
    user: User = User.objects.create(
        name=name,
        email=email,
        time_zone=zone,
        password=_password(),
        joined_at=plan.at_work(User(time_zone=zone), plan.today - SINCE),
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=role, starts_on=plan.today - SINCE) for role in roles
    )
    cast.by_name[name] = user
    cast.zeal[user.pk] = ZEAL.get(name) or plan.random.uniform(0.75, 1.3)
    return user


_hashed: list[str] = []


def _password() -> str:
    """The demo's password, hashed once for everybody."""
    if not _hashed:
        _hashed.append(make_password(PASSWORD))
    return _hashed[0]


def _make_heads(plan: Plan, cast: Cast) -> None:
    _person(plan, cast, ADMIN, "Europe/Brussels", [Role.ADMIN])
    for kind, (name, head) in HEADS.items():
        leader = _person(plan, cast, head, "Europe/Amsterdam", [Role.LEADER])
        team = Team.objects.create(name=name, kind=kind)
        team.leaders.add(leader)
        cast.teams[name] = team


def _make_members(plan: Plan, cast: Cast, kind: TeamKind, name: str, names: list[str]) -> None:
    leader = _person(plan, cast, TEAMS[kind][name][0], ZONES[name], [Role.LEADER])
    team = Team.objects.create(name=name, kind=kind, parent=cast.teams[HEADS[kind][0]])
    team.leaders.add(leader)
    cast.teams[name] = team
    people = [_person(plan, cast, person, ZONES[name], [MEMBER_ROLE[kind]]) for person in names]
    Membership.objects.bulk_create(
        Membership(user=person, team=team, starts_on=plan.today - SINCE) for person in people
    )
    (cast.executives if kind == TeamKind.SALES else cast.managers).extend(people)


def _make_moves(plan: Plan, cast: Cast) -> None:
    """One change of team in mid-year, and holidays taken."""
    mover = next(person for person in cast.executives if person.memberships.get().team.name == "Commercial")
    moved_on = plan.today - timedelta(days=170)
    mover.memberships.update(ends_on=moved_on)
    Membership.objects.create(user=mover, team=cast.teams["Sales East"], starts_on=moved_on)
    week = plan.today - timedelta(days=plan.today.weekday() + 7)
    Absence.objects.create(user=cast.by_name["Piotr Nowak"], starts_on=week, ends_on=week + timedelta(days=5))
    for person in [*cast.executives, *cast.managers]:
        begin = plan.start + timedelta(days=plan.random.randrange(30, 180 if person.name in TOLD else 320))
        if begin + timedelta(days=14) < week:
            Absence.objects.create(user=person, starts_on=begin, ends_on=begin + timedelta(days=14))


def _make_rules(plan: Plan) -> None:
    """E-mail counts no more than two points a day since this year's second quarter; money has rates."""
    since = date(plan.today.year, 4, 1) if plan.today.month > 4 else plan.today - timedelta(days=60)
    PointRule.objects.create(
        action_type=ActionType.objects.get(key="email"), points=1, daily_cap=2, effective_from=since
    )
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            currency=currency, reporting_currency="EUR", effective_from=plan.today - SINCE, rate_nano=rate
        )
        for currency, rate in (("USD", 910_000_000), ("GBP", 1_170_000_000), ("SEK", 88_000_000))
    )


def _make_targets(plan: Plan, cast: Cast) -> None:
    priya, lars, elif_ = cast.by_name["Priya Menon"], cast.by_name["Lars Dekker"], cast.by_name[ADMIN]
    since = plan.today - SINCE
    points, quarter, month = Metric.APR_POINTS, PeriodKind.QUARTER, PeriodKind.MONTH
    rows: list[dict[str, object]] = [
        {
            "role": Role.PARTNER_MANAGER,
            "metric": points,
            "period_kind": month,
            "value": 60,
            "why": "Partners we speak with every other day close twice as often.",
            "set_by": elif_,
        },
        {
            "role": Role.ACCOUNT_EXECUTIVE,
            "metric": points,
            "period_kind": month,
            "value": 80,
            "why": "Four real conversations a day keep a pipeline moving.",
            "set_by": elif_,
        },
        {
            "team": cast.teams["Alliances North"],
            "metric": points,
            "period_kind": month,
            "value": 60,
            "why": "Partners we speak with every other day close twice as often.",
            "set_by": priya,
        },
        {
            "team": cast.teams["Alliances North"],
            "metric": Metric.SOURCED_WON_AMOUNT,
            "period_kind": quarter,
            "value": 25_000_000,
            "why": "A quarter of what North closes should begin with a partner.",
            "set_by": priya,
        },
        {
            "team": cast.teams["Alliances North"],
            "metric": Metric.INFLUENCED_WON_AMOUNT,
            "period_kind": quarter,
            "value": 50_000_000,
            "why": "Partners help most where they did not begin.",
            "set_by": priya,
        },
        {
            "role": Role.ACCOUNT_EXECUTIVE,
            "metric": Metric.WON_AMOUNT,
            "period_kind": quarter,
            "value": 55_000_000,
            "why": "The plan of the year, spread evenly.",
            "set_by": lars,
        },
        {
            "role": Role.ACCOUNT_EXECUTIVE,
            "metric": Metric.PIPELINE_CREATED,
            "period_kind": quarter,
            "value": 150_000_000,
            "why": "Three times the number keeps a bad quarter from becoming a bad year.",
            "set_by": lars,
        },
        {
            "user": cast.by_name["Nora Lindqvist"],
            "metric": Metric.CATEGORY_POINTS,
            "metric_key": "coaching",
            "period_kind": month,
            "value": 12,
            "why": "Nora builds the coaching habit for the team.",
            "set_by": priya,
        },
    ]
    Target.objects.bulk_create(Target(effective_from=since, **row) for row in rows)

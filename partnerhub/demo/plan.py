"""What every part of the demo shares: its sizes, its dice, its calendar and its clock."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from faker import Faker

from accounts.calendar import WorkingCalendar
from accounts.models import User

LOCALES = ["en_GB", "de_DE", "es_ES", "nl_NL", "fr_FR", "pl_PL", "it_IT", "en_US"]
HISTORY_DAYS = 365
LEAD_DAYS = 90  # deals open at the start of the history began earlier


@dataclass
class Plan:
    """How large the demo is, and the day that is its today."""

    today: date
    people: int = 40
    partners: int = 60
    deals: int = 1_200
    actions: int = 25_000
    seed: int = 1
    random: Random = field(init=False)
    faker: Faker = field(init=False)
    calendar: WorkingCalendar = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - dice, not secrets
        self.faker = Faker(LOCALES)
        self.faker.seed_instance(self.seed)
        self.calendar = WorkingCalendar(frozenset(range(5)), frozenset())

    @property
    def first_opening(self) -> date:
        """The earliest day on which a deal was opened."""
        return self.start - timedelta(days=LEAD_DAYS)

    @property
    def start(self) -> date:
        """The first day of the demo's history."""
        return self.today - timedelta(days=HISTORY_DAYS)

    def workdays(self, start: date, end: date) -> list[date]:
        """The working days of [start, end)."""
        days = (start + timedelta(days=n) for n in range((end - start).days))
        return [day for day in days if self.calendar.is_working(day)]

    def workdays_back(self, n: int) -> date:
        """The n-th working day before today; today itself (or the working day before it) for 0."""
        day = self.today
        while not self.calendar.is_working(day):
            day -= timedelta(days=1)
        return self.calendar.nth_working_day_before(day, n) if n else day

    def at_work(self, person: User, day: date) -> datetime:
        """Some minute of the person's working hours on that day, never in the future."""
        minute = time(self.random.randrange(8, 17), self.random.randrange(60))
        moment = datetime.combine(day, minute, ZoneInfo(person.time_zone)).astimezone(UTC)
        now = datetime.combine(self.today, time(0, 5), ZoneInfo(person.time_zone)).astimezone(UTC)
        return now if day >= self.today else moment

    def chance(self, probability: float) -> bool:
        """True so often."""
        return self.random.random() < probability

"""What every preset turns its rows into: one small record per thing, whatever the file looked like."""

from dataclasses import dataclass, field
from datetime import date, datetime

from foundation.money import Money


@dataclass(frozen=True)
class PersonRecord:
    """A person with their team; the team's manager and office where the file tells them."""

    external_id: str
    name: str
    team: str
    email: str = ""
    role: str = "account_executive"
    team_kind: str = "sales"
    team_leader: str = ""
    above: str = ""
    since: date | None = None


@dataclass(frozen=True)
class CustomerRecord:
    external_id: str
    name: str
    industry: str = ""
    region: str = ""


@dataclass(frozen=True)
class PartnerRecord:
    external_id: str
    name: str
    type: str = "referral"
    tier: str = ""
    region: str = ""


@dataclass(frozen=True)
class DealRecord:
    """A deal as the file tells it: the steps are stage names with their dates or times, in order.

    No step dates are known for a deal whose `steps` hold None as date: it counts from the day of the import.
    """

    external_id: str
    name: str
    funnel: str
    owner: str
    steps: tuple[tuple[str, date | datetime | None], ...]
    customer: str = ""
    partner_manager: str = ""
    partner: str = ""
    partner_kind: str = ""
    amount: Money | None = None
    expected_close_on: date | None = None
    lost_reason: str = ""


@dataclass(frozen=True)
class ActionRecord:
    """Something that somebody did; `opportunity` is the deal's id in the same source."""

    external_id: str
    action_type: str
    actor: str
    occurred_at: datetime
    counterpart: str = ""
    opportunity: str = ""
    partner: str = ""
    customer: str = ""
    minutes: int | None = None
    notes: str = ""


Record = PersonRecord | CustomerRecord | PartnerRecord | DealRecord | ActionRecord


@dataclass
class Counts:
    """What applying did, or in a dry run would do."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    notes: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Counts") -> "Counts":
        self.made += other.made
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.refused += other.refused
        self.notes += [note for note in other.notes if note not in self.notes]
        return self

    @property
    def total(self) -> int:
        """All rows that were looked at."""
        return self.made + self.changed + self.unchanged + self.refused

"""What a person decided about a file: what each column tells, how to read it, whom unknown names mean."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

CREATE, LEAVE, REFUSE = "create", "leave", "refuse"
# What rows name, and what may be done with names that nobody knows here.
REFERENCES: dict[str, tuple[str, ...]] = {
    "people": (CREATE, LEAVE, REFUSE),
    "customers": (CREATE, LEAVE, REFUSE),
    "partners": (CREATE, LEAVE, REFUSE),
    "stages": (CREATE, REFUSE),
    "lost_reasons": (CREATE, LEAVE),
    "action_types": (REFUSE,),
}


@dataclass
class Choices:
    """Decisions about one file; what is empty is not decided yet.

    `columns` names the field of each column. `unknown` says by kind what to do with unknown names, `values`
    for single ones: one of the words above or, to say who is meant, the key of somebody who is here.
    """

    columns: dict[str, str] = field(default_factory=dict)
    dates: str = ""
    numbers: str = ""
    sheet: str = ""
    funnel: str = ""
    owner: str = ""
    action_type: str = ""
    unknown: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What `as_json` gave; names of earlier or later versions are passed over."""
        return cls(**{name: value for name, value in data.items() if name in cls.__dataclass_fields__})

    def as_json(self) -> dict[str, Any]:
        """For the table of runs and of mappings."""
        return asdict(self)

    def fate(self, kind: str, name: str) -> str:
        """What to do with an unknown name; rows with it are refused where nobody decided."""
        return self.values.get(kind, {}).get(name.casefold()) or self.unknown.get(kind) or REFUSE

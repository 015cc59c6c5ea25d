"""What was sent and what was acknowledged: the memory of the writers, against which the site is judged."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from threading import Lock


@dataclass
class Logged:
    """An action that somebody tried to log. Each has a marker of its own in its notes.

    `pk` is what the API answered; `acknowledged` says whether any answer came.
    """

    marker: str
    actor: int
    action_type: int
    day: date
    acknowledged: bool = False
    pk: int | None = None
    counterpart: int | None = None
    voided: bool = False
    confirmation: str = "none"


@dataclass
class Ledger:
    """Shared by all writers."""

    rows: list[Logged] = field(default_factory=list)
    acknowledged: Counter[str] = field(default_factory=Counter)
    retried: Counter[str] = field(default_factory=Counter)
    longest_wait: float = 0.0
    replayed: int = 0
    given_up: int = 0
    refused: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def attempt(self, row: Logged) -> Logged:
        """Remembers a row before it is sent for the first time."""
        with self.lock:
            self.rows.append(row)
        return row

    def failed(self, why: str) -> None:
        """A request to be sent again."""
        with self.lock:
            self.retried[why] += 1

    def answered(self, act: str, seconds: float, *, replayed: bool) -> None:
        """An acknowledgement that came so long after the first attempt."""
        with self.lock:
            self.acknowledged[act] += 1
            self.replayed += replayed
            self.longest_wait = max(self.longest_wait, seconds)

"""Audits while everything breaks, and how long marks wait."""

from threading import Event, Thread

from django.db import OperationalError, connection
from django.utils import timezone

from apr.rollup.audit import audit
from apr.rollup.state import rollup_state


class Observer(Thread):
    """Audits again and again on a connection of its own, which is spared."""

    def __init__(self, every: float) -> None:
        super().__init__(name="observer")
        self.every, self.enough = every, Event()
        self.audits = self.differences = self.not_run = 0
        self.examples: list[object] = []
        self.longest_mark = 0.0

    def run(self) -> None:
        while not self.enough.wait(self.every):
            try:
                self._look()
            except OperationalError:  # on SQLite, where it waits for its turn to write like everybody
                self.not_run += 1
        connection.close()

    def _look(self) -> None:
        if oldest := rollup_state().oldest_mark_at:
            self.longest_mark = max(self.longest_mark, (timezone.now() - oldest).total_seconds())
        found = audit()
        self.audits += 1
        self.differences += found.differences
        self.examples += found.examples

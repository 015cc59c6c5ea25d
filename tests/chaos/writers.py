"""People who log, take back, confirm, dispute and move deals, and ask again until they get an answer."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from itertools import count
from random import Random
from threading import Event, Thread
from time import monotonic

from tests.chaos.http import BROKEN, Answer, Request, api_post, form_post, page
from tests.chaos.ledger import Ledger, Logged
from tests.chaos.organisation import Person, Setting

IMPATIENT = 0.05  # of the requests are sent once more without waiting for the first answer
BACK_DATED = 60  # days, at most
HIDDEN = r'name="{}" value="([^"]+)"'


class RefusedError(Exception):
    """The site said no to something that it must accept."""


class Writer(Thread):
    """One person at work. Rows and deals of a person are changed by their writer alone, one after another,
    so the last answer says how each must look."""

    def __init__(
        self, person: Person, place: Setting, ledger: Ledger, port: int, seed: int, pace: float
    ) -> None:
        super().__init__(name=f"writer {person.pk}")
        self.person, self.place, self.ledger, self.port, self.pace = person, place, ledger, port, pace
        self.random = Random(seed * 1000 + person.pk)
        self.numbers = count(1)
        self.mine: list[Logged] = []
        self.tokens = {one.pk: one.token for one in place.people}
        self.enough, self.out_of_time = Event(), Event()
        self.is_done = False

    def run(self) -> None:
        acts: dict[Callable[[], None], int] = {
            self.log: 50,
            self.log_by_form: 15,
            self.void: 10,
            self.answer: 15,
            self.move: 10,
        }
        while not self.enough.wait(self.random.uniform(0, 2 * self.pace)):
            [act] = self.random.choices(list(acts), list(acts.values()))
            try:
                act()
            except RefusedError as refusal:
                with self.ledger.lock:
                    self.ledger.refused.append(str(refusal))
        self.is_done = True

    # --- acts -------------------------------------------------------------------------------------

    def log(self) -> None:
        """Logs through the API; a third of it happened earlier."""
        now = datetime.now(UTC)
        days = self.random.choice([0, 0, self.random.randint(1, BACK_DATED)])
        row = self._attempt(now - timedelta(days=days))
        row.counterpart = self.person.colleague if self.random.random() < 0.4 else None
        body = {
            "action_type": str(row.action_type),
            "occurred_at": (now - timedelta(days=days)).isoformat(),
            "opportunity": str(self.random.choice(self.person.deals).pk),
            "counterpart": None if row.counterpart is None else str(row.counterpart),
            "notes": row.marker,
        }
        answer = self._post("log", self.person.pk, "actions/", body)
        if answer is not None:
            row.acknowledged, row.pk = True, int(answer.data["id"])
            self.mine.append(row)

    def log_by_form(self) -> None:
        """Logs as a browser does: opens the form, sends it with its one-time key."""
        cookies = {"sessionid": self.person.session}
        shown = self._persist("open the form", page(self.port, cookies, "/log/"))
        if shown is None:
            return
        text = shown.body.decode()
        cookies |= {name: one.value for name, one in SimpleCookie(shown.headers["Set-Cookie"] or "").items()}
        deal, now = self.random.choice(self.person.deals), datetime.now(UTC)
        row = self._attempt(now - timedelta(days=self.random.randint(0, BACK_DATED)))
        fields = {
            "csrfmiddlewaretoken": _hidden("csrfmiddlewaretoken", text),
            "request_key": _hidden("request_key", text),
            "action_type": str(row.action_type),
            "occurred_on": row.day.isoformat(),
            "opportunity": str(deal.pk),
            "opportunity_text": deal.label,
            "notes": row.marker,
        }
        request = form_post(self.port, cookies, "/log/", fields)
        if self._persist("log by form", request, accepted=302) is not None:
            row.acknowledged = True

    def void(self) -> None:
        """Takes back one of one's own."""
        row = self._some(lambda row: not row.voided)
        if row and self._post("void", self.person.pk, f"actions/{row.pk}/void/", {"reason": "by mistake"}):
            row.voided = True

    def answer(self) -> None:
        """The colleague confirms or disputes, perhaps after having said the other."""
        if row := self._some(lambda row: row.counterpart is not None and not row.voided):
            act, outcome = self.random.choice([("confirm", "confirmed"), ("dispute", "disputed")])
            path = f"actions/{row.pk}/{act}/"
            if self._post(act, self.person.colleague, path, {"note": "It was so."}):
                row.confirmation = outcome

    def move(self) -> None:
        """Moves a deal of one's own to another stage, with the version that the last answer gave."""
        deal = self.random.choice(self.person.deals)
        stage = self.random.choice([pk for pk in self.place.stages if pk != deal.stage])
        body = {"stage": str(stage), "version": deal.version}
        answer = self._post("move", self.person.pk, f"opportunities/{deal.pk}/move/", body)
        if answer is not None:
            deal.stage, deal.version = int(answer.data["stage"]), answer.data["version"]
            deal.steps += 1

    # --- how --------------------------------------------------------------------------------------

    def _attempt(self, occurred_at: datetime) -> Logged:
        row = Logged(
            marker=f"p{self.person.pk}-{next(self.numbers):06}",
            actor=self.person.pk,
            action_type=self.random.choice(self.place.kinds),
            day=occurred_at.date(),
        )
        return self.ledger.attempt(row)

    def _some(self, fits: Callable[[Logged], bool]) -> Logged | None:
        rows = [row for row in self.mine[-50:] if fits(row)]
        return self.random.choice(rows) if rows else None

    def _post(self, act: str, who: int, path: str, body: dict[str, object]) -> Answer | None:
        key = f"{self.name}-{next(self.numbers)}"
        return self._persist(act, api_post(self.port, self.tokens[who], path, key, body))

    def _persist(self, act: str, request: Request, accepted: int | None = None) -> Answer | None:
        """Sends until acknowledged; None when time is over. Raises RefusedError for any other answer."""
        started = monotonic()
        if self.random.random() < IMPATIENT:
            self._hang_up(request)
        while not self.out_of_time.is_set():
            answer = self._once(request)
            if answer is None:
                self.out_of_time.wait(self.random.uniform(0.05, 0.4))
                continue
            if answer.status != accepted and (accepted or answer.status not in (200, 201)):
                raise RefusedError(f"{act}: {answer.status} {answer.body[:300]!r}")
            if request.method == "POST":
                replayed = answer.headers["Idempotency-Replayed"] == "true"
                self.ledger.answered(act, monotonic() - started, replayed=replayed)
            return answer
        with self.ledger.lock:
            self.ledger.given_up += 1
        return None

    def _once(self, request: Request) -> Answer | None:
        try:
            answer = request.send()
        except BROKEN as error:
            self.ledger.failed(type(error).__name__)
            return None
        if answer.status >= 500:
            self.ledger.failed(f"answer {answer.status}")
            return None
        return answer

    def _hang_up(self, request: Request) -> None:
        try:
            request.send_and_hang_up()
        except BROKEN as error:
            self.ledger.failed(type(error).__name__)


def _hidden(name: str, text: str) -> str:
    found = re.search(HIDDEN.format(name), text)
    if found is None:
        raise RefusedError(f"the form has no {name}: {text[:300]}")
    return found[1]

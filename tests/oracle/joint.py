"""The joint scorecard once more: every deal, every visit and every day looked at one by one.

Written from the definitions; it shares the rows and the calendar with the other oracle and nothing with the
product.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.scores import DAY, Oracle, Row, each_day

Cell = bool
FAR = date(2199, 1, 1)


class JointOracle:
    """Joint scorecards of a dump, in a period [start, end), on a day."""

    def __init__(self, oracle: Oracle, kind: str, start: date, end: date, today: date) -> None:
        self.oracle, self.rows = oracle, oracle.rows
        self.kind, self.start, self.end, self.today = kind, start, end, today
        self.zone = ZoneInfo(oracle.organisation["time_zone"])
        # The days of the period that have come, and those that are over.
        self.days = [day for day in each_day(start, end) if day <= today]
        self.over = [day for day in self.days if day < today]

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def on(self, table: str, deal: int) -> list[Row]:
        return [row for row in self.rows[table] if row["opportunity_id"] == deal]

    # --- deals ------------------------------------------------------------------------------------

    def visits(self, deal: int) -> list[Row]:
        steps = sorted(
            self.on("opportunities_stagechange", deal), key=lambda row: (row["effective_at"], row["id"])
        )
        visits = []
        for n, step in enumerate(steps):
            after = steps[n + 1] if n + 1 < len(steps) else None
            if step["to_kind"] == "open":
                visits.append(
                    {
                        "from": step["effective_at"],
                        "first": step["effective_on"],
                        "to": after["effective_at"] if after else None,
                        "last": after["effective_on"] if after else None,
                        "expected": step["expected_days"],
                    }
                )
        return visits

    def present(self, visit: Row) -> bool:
        """Whether the deal spent any of the days of the period that have come in this visit."""
        return any(visit["first"] <= day <= (visit["last"] or FAR) for day in self.days)

    def last_visit(self, deal: int) -> Row | None:
        return next((visit for visit in reversed(self.visits(deal)) if self.present(visit)), None)

    def last_open_day(self, deal: int) -> date | None:
        visit = self.last_visit(deal)
        if visit is None:
            return None
        return [day for day in self.days if visit["first"] <= day <= (visit["last"] or FAR)][-1]

    def pair(self, deal: int) -> tuple[int, int] | None:
        """Who held the deal at the last moment of its last open day, or at the close of that day."""
        visit = self.last_visit(deal)
        if visit is None:
            return None
        ended = visit["last"] is not None and visit["last"] <= self.days[-1]
        midnight = datetime.combine(self.days[-1] + DAY, datetime.min.time(), self.zone)
        moment = visit["to"] if ended else midnight - timedelta(microseconds=1)
        pm, ae = (self.held(deal, hat, moment) for hat in ("partner_manager", "account_executive"))
        return None if pm is None or ae is None or pm == ae else (pm, ae)

    def held(self, deal: int, capacity: str, moment: datetime) -> int | None:
        holder = None
        for row in self.oracle.assigned(deal, capacity):
            if row["starts_at"] <= moment and (row["ends_at"] is None or moment < row["ends_at"]):
                holder = row["user_id"]
        return holder

    def deals(self, pm: int, ae: int) -> list[int]:
        ids = [row["id"] for row in self.rows["opportunities_opportunity"]]
        return [deal for deal in ids if self.pair(deal) == (pm, ae)]

    def row(self, deal: int) -> Row:
        return next(row for row in self.rows["opportunities_opportunity"] if row["id"] == deal)

    def closed(self, deal: int) -> bool:
        row = self.row(deal)
        return row["status"] != "open" and row["closed_on"] in self.days

    # --- actions ----------------------------------------------------------------------------------

    def acts(self, deal: int) -> list[Row]:
        return [row for row in self.on("apr_action", deal) if row["voided_at"] is None]

    def of_pm(self, action: Row) -> bool:
        """As partner manager, or as coach by somebody who is or was the deal's partner manager."""
        assigned = self.oracle.assigned(action["opportunity_id"], "partner_manager")
        coached = action["capacity"] == "coach" and action["actor_id"] in {row["user_id"] for row in assigned}
        return action["capacity"] == "partner_manager" or coached

    # --- working days -----------------------------------------------------------------------------

    def work(self, first: date, until: date, user: int | None = None) -> int:
        """Working days in [first, until)."""
        return sum(self.oracle.works(user, day) for day in each_day(first, until)) if first < until else 0

    def length(self, visit: Row) -> int:
        """Working days of the visit through the end of the period, or yesterday."""
        until = min(visit["last"] or FAR, self.end, self.today)
        return self.work(visit["first"], until)

    # --- components: a cell for each row, whether it is done ----------------------------------------

    def involvement(self, deal: int) -> list[Cell]:
        cells = []
        for visit in self.visits(deal):
            if not self.present(visit):
                continue
            covered = any(
                self.of_pm(action)
                and visit["from"] <= action["occurred_at"]
                and (visit["to"] is None or action["occurred_at"] < visit["to"])
                and action["occurred_on"] in self.days
                for action in self.acts(deal)
            )
            worked = [day for day in self.over if visit["first"] <= day < (visit["last"] or FAR)]
            if covered or sum(self.oracle.works(None, day) for day in worked) >= 3:
                cells.append(covered)
        return cells

    def at_the_ink(self, deal: int) -> list[Cell]:
        if not self.closed(deal):
            return []
        days = [self.row(deal)["closed_on"] - n * DAY for n in range(14)]
        return [any(self.of_pm(action) and action["occurred_on"] in days for action in self.acts(deal))]

    def obstacles(self, deal: int) -> list[Cell]:
        cells = []
        for row in self.on("opportunities_obstacle", deal):
            if row["needs_partner"] and row["due_on"] and self.start <= row["due_on"] < self.end:
                in_time = row["cleared_at"] is not None and self.day_of(row["cleared_at"]) <= row["due_on"]
                if in_time or row["due_on"] < self.today:
                    cells.append(in_time)
        return cells

    def documented(self, deal: int) -> list[Cell]:
        last = self.last_open_day(deal)
        assert last is not None
        days = [last - n * DAY for n in range(14)]
        acts = [row for row in self.acts(deal) if row["capacity"] == "account_executive"]
        return [any(action["occurred_on"] in days for action in acts)]

    def moving(self, deal: int) -> list[Cell]:
        judged = [v for v in self.visits(deal) if self.present(v) and v["expected"] is not None]
        return [self.length(visit) <= visit["expected"] for visit in judged]

    def raised_in_time(self, deal: int) -> list[Cell]:
        cells = []
        for visit in self.visits(deal):
            if not self.present(visit) or visit["expected"] is None:
                continue
            if self.length(visit) > visit["expected"]:
                day = visit["first"]
                while self.work(visit["first"], day + DAY) <= visit["expected"]:
                    day += DAY
                cells.append(
                    any(
                        self.day_of(row["raised_at"]) < day
                        and (row["cleared_at"] is None or visit["from"] <= row["cleared_at"])
                        for row in self.on("opportunities_obstacle", deal)
                    )
                )
        return cells

    def follow_through(self, pm: int, ae: int) -> list[Cell]:
        cells = []
        for deal in (row["id"] for row in self.rows["opportunities_opportunity"]):
            managers = self.oracle.assigned(deal, "partner_manager")
            if "sourced" not in self.oracle.kinds_of(self.row(deal)) or not managers:
                continue
            owners = [
                row
                for row in self.oracle.assigned(deal, "account_executive")
                if row["user_id"] != managers[0]["user_id"]
            ]
            if managers[0]["user_id"] != pm or not owners or owners[0]["user_id"] != ae:
                continue
            brought = self.day_of(owners[0]["starts_at"])
            if brought in self.days:
                last = brought
                while self.work(brought + DAY, last + DAY, ae) < 5:
                    last += DAY
                cells.append(
                    any(
                        action["actor_id"] == ae and brought <= action["occurred_on"] <= min(last, self.today)
                        for action in self.acts(deal)
                    )
                )
        return cells

    def promises(self, by: int, to: int) -> list[Cell]:
        cells = []
        for row in self.rows["opportunities_commitment"]:
            due = row["due_on"]
            if (row["made_by_id"], row["made_to_id"]) != (by, to) or not self.start <= due < self.end:
                continue
            if row["outcome"] == "withdrawn" and self.day_of(row["settled_at"]) < due:
                continue
            if row["outcome"] == "open" and due >= self.today:
                continue
            cells.append(row["outcome"] == "kept")
        return cells

    def coaching(self, pm: int, ae: int) -> tuple[int, Fraction]:
        held = sum(
            self.oracle.counts(row)
            and self.oracle.types[row["action_type_id"]]["category"] == "coaching"
            and (row["actor_id"], row["counterpart_id"]) == (pm, ae)
            and row["confirmation"] != "disputed"
            and row["occurred_on"] in self.days
            for row in self.rows["apr_action"]
        )
        ids = [row["id"] for row in self.rows["opportunities_opportunity"]]
        pairs = {pair for deal in ids if (pair := self.pair(deal)) is not None}
        if (pm, ae) not in pairs:
            return held, Fraction(0)
        return held, self.sessions_expected(pm) / len({other for who, other in pairs if who == pm})

    def sessions_expected(self, pm: int) -> Fraction:
        """By targets for the number of coaching actions, else by those for points of coaching."""
        period = each_day(self.start, self.end)
        coaching = sorted(
            (row for row in self.oracle.types.values() if row["category"] == "coaching"),
            key=lambda row: (row["position"], row["name"]),
        )
        total, any_target = Fraction(0), False
        for kind in coaching:
            has, part = self.narrowed("action_count", kind["key"]).expected_of_person(
                pm, "action_count", self.kind, period
            )
            any_target |= has
            total += part
        if any_target:
            return total
        has, points = self.narrowed("category_points", "coaching").expected_of_person(
            pm, "category_points", self.kind, period
        )
        last = min(self.end - DAY, self.today)
        worths = [self.oracle.rule(kind["id"], last)["points"] for kind in coaching]
        worth = next((worth for worth in worths if worth), 0)
        return points / worth if has and worth else Fraction(0)

    def narrowed(self, metric: str, key: str) -> Oracle:
        """The oracle with the targets of one metric about one thing only."""
        targets = [
            row for row in self.rows["apr_target"] if row["metric"] == metric and row["metric_key"] == key
        ]
        return Oracle({**self.rows, "apr_target": targets})

    # --- the card ---------------------------------------------------------------------------------

    def card(self, pm: int, ae: int) -> dict[str, tuple[Any, Any]]:
        """Numerator and denominator of each component, and the deals."""
        cells: dict[str, list[Cell]] = defaultdict(list)
        deals = self.deals(pm, ae)
        for deal in deals:
            cells["involvement"] += self.involvement(deal)
            cells["at_the_ink"] += self.at_the_ink(deal)
            cells["obstacles"] += self.obstacles(deal)
            cells["documented"] += self.documented(deal)
            cells["moving"] += self.moving(deal)
            cells["obstacles_raised_in_time"] += self.raised_in_time(deal)
        cells["follow_through"] = self.follow_through(pm, ae)
        cells["pm_commitments"] = self.promises(pm, ae)
        cells["ae_commitments"] = self.promises(ae, pm)
        figures: dict[str, tuple[Any, Any]] = {key: (sum(of), len(of)) for key, of in cells.items()}
        figures["coaching"] = self.coaching(pm, ae)
        closed = [self.row(deal)["status"] for deal in deals if self.closed(deal)]
        figures["shared"] = (len(deals), (closed.count("won"), closed.count("lost")))
        return figures

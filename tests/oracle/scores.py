"""A naive scorekeeper: it looks at every row and every day, one by one.

Written from the rules of scoring alone; it uses nothing of the product, so that both can only agree by
being right.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Days = Callable[[int, date], bool]
DAY = timedelta(days=1)
MINOR_DIGITS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


def period_of(day: date, kind: str, first_month: int) -> tuple[date, date]:
    """First day and the day after the last of the period of a day, found by walking."""

    def begins(d: date) -> bool:
        since = (d.month - first_month) % 12
        return {
            "week": d.weekday() == 0,
            "month": d.day == 1,
            "quarter": d.day == 1 and since % 3 == 0,
            "year": d.day == 1 and since == 0,
        }[kind]

    start, end = day, day + DAY
    while not begins(start):
        start -= DAY
    while not begins(end):
        end += DAY
    return start, end


def each_day(start: date, end: date) -> list[date]:
    return [start + n * DAY for n in range((end - start).days)]


def holds(row: Row, day: date) -> bool:
    """Whether a dated row is in force on a day."""
    return row["starts_on"] <= day and (row["ends_on"] is None or day < row["ends_on"])


class Oracle:
    """All figures of a dump."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self.rows = rows
        self.organisation = rows["accounts_organisation"][0]
        self.types = {row["id"]: row for row in rows["apr_actiontype"]}
        self.holidays = {row["date"] for row in rows["accounts_holiday"]}

    # --- people and teams -------------------------------------------------------------------------

    def team_of(self, user: int, day: date) -> int | None:
        for row in self.rows["accounts_membership"]:
            if row["user_id"] == user and holds(row, day):
                return row["team_id"]
        return None

    def above(self, team: int | None) -> list[int]:
        """The team and those above it, nearest first."""
        parents = {row["id"]: row["parent_id"] for row in self.rows["accounts_team"]}
        chain = []
        while team is not None:
            chain.append(team)
            team = parents[team]
        return chain

    def person(self, user: int) -> Days:
        return lambda who, _day: who == user

    def team(self, team: int) -> Days:
        return lambda who, day: team in self.above(self.team_of(who, day))

    def everybody(self) -> Days:
        return lambda _who, _day: True

    # --- points -----------------------------------------------------------------------------------

    def counts(self, action: Row) -> bool:
        if action["voided_at"] is not None:
            return False
        if self.types[action["action_type_id"]]["category"] == "coaching":
            return action["counterpart_id"] is not None
        return any(action[f"{about}_id"] is not None for about in ("opportunity", "partner", "customer"))

    def rule(self, action_type: int, day: date) -> Row:
        best = {"points": 0, "daily_cap": None, "effective_from": date.min}
        for row in self.rows["apr_pointrule"]:
            if row["action_type_id"] == action_type and best["effective_from"] < row["effective_from"] <= day:
                best = row
        return best

    def points(self, days: Days, start: date, end: date) -> dict[int, tuple[int, int, int, int]]:
        """Count, raw, counted and confirmed points by action type."""
        buckets: dict[tuple[int, date, int], list[str]] = defaultdict(list)
        for action in self.rows["apr_action"]:
            actor, day = action["actor_id"], action["occurred_on"]
            if start <= day < end and self.counts(action) and days(actor, day):
                buckets[actor, day, action["action_type_id"]].append(action["confirmation"])
        totals: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for (_actor, day, action_type), outcomes in buckets.items():
            rule = self.rule(action_type, day)
            cap = rule["daily_cap"]
            counted = confirmed = 0
            for outcome in outcomes:
                counted += 0 if outcome == "disputed" else rule["points"]
                confirmed += rule["points"] if outcome == "confirmed" else 0
            if cap is not None:
                counted, confirmed = min(cap, counted), min(cap, confirmed)
            total = totals[action_type]
            total[0] += len(outcomes)
            total[1] += len(outcomes) * rule["points"]
            total[2] += counted
            total[3] += confirmed
        return {action_type: (a, b, c, d) for action_type, (a, b, c, d) in totals.items()}

    def misdated(self) -> list[int]:
        """Actions whose date is not that of their instant where the actor is."""
        zones = {row["id"]: ZoneInfo(row["time_zone"]) for row in self.rows["accounts_user"]}
        return [
            row["id"]
            for row in self.rows["apr_action"]
            if row["occurred_at"].astimezone(zones[row["actor_id"]]).date() != row["occurred_on"]
        ]

    # --- expectations -----------------------------------------------------------------------------

    def works(self, user: int | None, day: date) -> bool:
        if str(day.weekday()) not in self.organisation["working_week"] or day in self.holidays:
            return False
        away = self.rows["accounts_absence"]
        return not any(row["user_id"] == user and holds(row, day) for row in away)

    def daily_rate(self, target: Row, user: int | None, day: date) -> Fraction:
        if not self.works(user, day):
            return Fraction(0)
        start, end = period_of(day, target["period_kind"], self.organisation["fiscal_first_month"])
        return Fraction(target["value"], sum(self.works(user, d) for d in each_day(start, end)))

    def target_of_person(self, user: int, metric: str, kind: str, day: date) -> Row | None:
        """The most specific: own, then the nearest team upward that says each, then a role held."""
        rows = [
            row
            for row in self.rows["apr_target"]
            if row["metric"] == metric and row["effective_from"] <= day and row["scope"] == "each"
        ]
        levels = [[row for row in rows if row["user_id"] == user]]
        levels += [
            [row for row in rows if row["team_id"] == team] for team in self.above(self.team_of(user, day))
        ]
        roles = {
            row["role"]
            for row in self.rows["accounts_rolegrant"]
            if row["user_id"] == user and holds(row, day)
        }
        levels.append([row for row in rows if row["role"] in roles])
        return next((self.nearest(level, kind) for level in levels if level), None)

    def target_of_team(self, team: int | None, metric: str, kind: str, day: date) -> Row | None:
        rows = [
            row
            for row in self.rows["apr_target"]
            if row["metric"] == metric
            and row["effective_from"] <= day
            and row["scope"] == "total"
            and row["team_id"] == team
        ]
        return self.nearest(rows, kind) if rows else None

    def nearest(self, rows: list[Row], kind: str) -> Row:
        """Of the kind looked at, else the shortest longer, else the longest shorter; of those the newest."""
        kinds = ["week", "month", "quarter", "year"]
        at = kinds.index(kind)
        order = [kind, *kinds[at + 1 :], *reversed(kinds[:at])]
        best = min(order.index(row["period_kind"]) for row in rows)
        same = [row for row in rows if order.index(row["period_kind"]) == best]
        return max(same, key=lambda row: (row["effective_from"], row["id"]))

    def expected_of_person(
        self, user: int, metric: str, kind: str, days: list[date]
    ) -> tuple[bool, Fraction]:
        """Whether a target holds on any of the days, and what is expected of them."""
        total, any_target = Fraction(0), False
        for day in days:
            target = self.target_of_person(user, metric, kind, day)
            if target is not None:
                any_target = True
                total += self.daily_rate(target, user, day)
        return any_target, total

    def expected(
        self, team: int | None, metric: str, kind: str, start: date, end: date, days: Days
    ) -> Fraction | None:
        """What is expected of a team (None: everybody) on [start, end)."""
        total, any_target = Fraction(0), False
        for day in each_day(start, end):
            own = None if team is None else self.target_of_team(team, metric, kind, day)
            if own is not None:
                any_target = True
                total += self.daily_rate(own, None, day)
                continue
            for user in (row["id"] for row in self.rows["accounts_user"]):
                if days(user, day):
                    has, part = self.expected_of_person(user, metric, kind, [day])
                    any_target |= has
                    total += part
        return total if any_target else None

    # --- results ----------------------------------------------------------------------------------

    def assigned(self, deal: int, capacity: str) -> list[Row]:
        rows = [
            row
            for row in self.rows["opportunities_assignment"]
            if row["opportunity_id"] == deal and row["capacity"] == capacity
        ]
        return sorted(rows, key=lambda row: (row["starts_at"], row["id"]))

    def at_close(self, deal: Row, capacity: str) -> int | None:
        closes = [
            row
            for row in self.rows["opportunities_stagechange"]
            if row["opportunity_id"] == deal["id"] and row["to_kind"] == deal["status"]
        ]
        last = max(closes, key=lambda row: (row["effective_at"], row["id"]), default=None)
        instant = last["effective_at"] if last else deal["stage_entered_at"]
        holders = [
            row["user_id"]
            for row in self.assigned(deal["id"], capacity)
            if row["starts_at"] <= instant and (row["ends_at"] is None or instant < row["ends_at"])
        ]
        return holders[-1] if holders else None

    def first(self, deal: Row, capacity: str) -> int | None:
        rows = self.assigned(deal["id"], capacity)
        return rows[0]["user_id"] if rows else None

    def price(self, deal: Row, today: date) -> int | None:
        """Minor units of the reporting currency, or None without a rate."""
        target, source = self.organisation["reporting_currency"], deal["currency"]
        minor = deal["amount_minor"] or 0
        if source == target:
            return minor
        day = deal["closed_on"] or today
        rates = [
            row
            for row in self.rows["accounts_exchangerate"]
            if row["currency"] == source and row["reporting_currency"] == target
            if row["effective_from"] <= day
        ]
        if not rates:
            return None
        rate = max(rates, key=lambda row: row["effective_from"])["rate_nano"]
        shift = Fraction(10) ** (MINOR_DIGITS[target] - MINOR_DIGITS[source])
        return round(minor * Fraction(rate, 10**9) * shift)

    def results(self, days: Days, start: date, end: date, today: date) -> dict[str, Any]:
        """Amount, count and amounts left out of each figure; wins and losses."""
        sets: dict[str, list[Row]] = defaultdict(list)
        for deal in self.rows["opportunities_opportunity"]:
            closed = deal["closed_on"]
            if start <= deal["opened_on"] < end and self.created_by(deal, days):
                sets["pipeline_created"].append(deal)
            if closed is not None and start <= closed < end:
                for name in self.closed_by(deal, days):
                    sets[name].append(deal)
        figures: dict[str, Any] = {
            name: self.sum(sets[name], today)
            for name in ("won", "sourced_won", "influenced_won", "pipeline_created")
        }
        figures |= {name: len(sets[name]) for name in ("wins", "losses")}
        figures["overlap"] = self.sum(sets["overlap"], today)[0]
        return figures

    def kinds_of(self, deal: Row) -> set[str]:
        rows = self.rows["opportunities_partnerinvolvement"]
        return {row["kind"] for row in rows if row["opportunity_id"] == deal["id"]}

    def created_by(self, deal: Row, days: Days) -> bool:
        people = [self.first(deal, "account_executive")]
        if "sourced" in self.kinds_of(deal):
            people.append(self.first(deal, "partner_manager"))
        return any(who is not None and days(who, deal["opened_on"]) for who in people)

    def closed_by(self, deal: Row, days: Days) -> list[str]:
        """The figures in which a closed deal stands."""
        ae, pm = (self.at_close(deal, hat) for hat in ("account_executive", "partner_manager"))
        ae_in = ae is not None and days(ae, deal["closed_on"])
        pm_in = pm is not None and days(pm, deal["closed_on"])
        if deal["status"] == "lost":
            return ["losses"] if ae_in or pm_in else []
        kinds = self.kinds_of(deal)
        stands = {
            "wins": ae_in or pm_in,
            "won": ae_in,
            "sourced_won": pm_in and "sourced" in kinds,
            "influenced_won": pm_in and bool(kinds) and "sourced" not in kinds,
            "overlap": ae_in and pm_in,
        }
        return [name for name, does in stands.items() if does]

    def sum(self, deals: Any, today: date) -> tuple[int, int, dict[str, int]]:
        minor, count, left_out = 0, 0, defaultdict(int)
        for deal in deals:
            count += 1
            priced = self.price(deal, today)
            if priced is None:
                if deal["amount_minor"] is not None:
                    left_out[deal["currency"]] += deal["amount_minor"]
            else:
                minor += priced
        return minor, count, dict(left_out)

"""Who gets what answer: one line per route. A route that has no line fails `test_every_route_has_a_line`.

A line says, by method, who of `house.py` gets in; who sees the row but may not do that is refused (403);
for everybody else it is absent (404), just as one that never was. Routes without a row refuse (403) all who
do not get in. Whoever has not signed in, or was deactivated, is asked to, on every route that is not PUBLIC.

The lines of /settings/ stand in `test_settings_access.py`: administrators alone.
"""

from dataclasses import dataclass, field

ALL = "ana nora pia lea max otto ada"
LEADERS = "lea max otto ada"
DEAL = "ana nora lea max ada"  # on the deal, who leads them, and administrators
DRIVER = "ana lea ada"
BESIDE = "nora max ada"
ADMIN = "ada"


@dataclass(frozen=True)
class Line:
    """What stands in the address (words of the house's rows), who gets in by method, who sees the row."""

    rows: dict[str, str] = field(default_factory=dict)
    get: str = ""
    post: str = ""
    sees: str = ""
    body: dict[str, object] = field(default_factory=dict)
    refused: int = 0  # 404 for pages that are absent, rather than refused, to who may not open them

    @property
    def methods(self) -> dict[str, str]:
        """The methods that are there, with who gets in."""
        return {name: who for name, who in (("get", self.get), ("post", self.post)) if who}


def form(sees: str, may: str, **rows: str) -> Line:
    """A form about a row, shown and sent by the same people."""
    return Line(rows, get=may, post=may, sees=sees)


def act(sees: str, may: str, **rows: str) -> Line:
    """Something done to a row."""
    return Line(rows, post=may, sees=sees)


def page(sees: str, **rows: str) -> Line:
    """A page about a row."""
    return Line(rows, get=sees, sees=sees)


PUBLIC = {
    "ready", "security-txt", "appearance", "look", "look-dialog", "health",
    "accounts:invitation", "apr:unsubscribe", "apr:answer_by_mail",
    "api-schema", "api-docs",
}  # fmt: skip

PAGES: dict[str, Line] = {
    "accounts:profile": Line(get=ALL, post=ALL),
    "accounts:absence_new": form(ALL, DRIVER, pk="ana"),
    "accounts:absence_remove": act(DRIVER, DRIVER, pk="absence"),
    "apr:home": Line(get=ALL),
    "apr:log_at_once": Line(post=ALL),
    "apr:promise_kept": act(DEAL, DRIVER, pk="promise"),
    "apr:promise_date": form(DEAL, DRIVER, pk="promise"),
    "apr:obstacle_cleared": act(DEAL, DEAL, pk="obstacle"),
    "apr:log": Line(get=ALL, post=ALL),
    "apr:log_reading": Line(post=ALL),
    "apr:log_find": Line({"kind": "=opportunity"}, get=ALL),
    "apr:actions": Line(get=ALL),
    "apr:waiting": Line(get=ALL),
    "apr:actions_answer": Line(post=ALL),
    "apr:action_edit": form(DEAL, DRIVER, pk="action"),
    "apr:action_void": form(DEAL, DRIVER, pk="action"),
    "apr:action_undo": act(DEAL, DRIVER, pk="action"),
    "apr:action_restore": act(DEAL, DRIVER, pk="action"),
    "apr:action_answer": act(DEAL, "nora", pk="action"),
    "apr:action_dispute": form(DEAL, "nora", pk="action"),
    "apr:notifications": Line(get=ALL),
    "apr:notifications_read": Line(post=ALL),
    "apr:notification_read": act("ana", "ana", pk="notification"),
    "apr:notification_follow": act("ana", "ana", pk="notification"),
    "apr:notification_choices": Line(get=ALL, post=ALL),
    "apr:me": Line(get=ALL),
    "apr:person": page(DRIVER, pk="ana"),
    "apr:rows": page(DRIVER, pk="ana"),
    "apr:deals": page(DRIVER, pk="ana"),
    "apr:known": page(DRIVER, pk="ana"),
    "apr:visits": page(DRIVER, pk="ana"),
    "apr:teams": Line(get=ALL),
    "apr:team": page("lea ada", pk="team"),
    "apr:team_rows": page("lea ada", pk="team"),
    "apr:team_deals": page("lea ada", pk="team"),
    "apr:team_known": page("lea ada", pk="team"),
    "apr:team_visits": page("lea ada", pk="team"),
    "apr:organisation_rows": Line(get=ADMIN, refused=404),
    "apr:organisation_deals": Line(get=ADMIN, refused=404),
    "apr:organisation_known": Line(get=ADMIN, refused=404),
    "apr:evidence": Line(get=LEADERS),
    "exchange:tokens": Line(get=ALL, post=ALL),
    "exchange:own_data": Line(post=ALL),
    "exchange:token_revoke": act("ana", "ana", pk="token"),
    "exchange:imports": Line(get=ADMIN, post=ADMIN),
    "exchange:import_run": Line({"pk": "run"}, get=ADMIN, refused=403),
    "exchange:import_answers": Line({"pk": "run"}, get=ADMIN, post=ADMIN, refused=403),
    "exchange:import_refused": Line({"pk": "run"}, get=ADMIN, refused=403),
    "exchange:import_apply": Line({"pk": "run"}, post=ADMIN, refused=403),
    "exchange:import_cancel": Line({"pk": "run"}, post=ADMIN, refused=403),
    "opportunities:list": Line(get=ALL),
    "opportunities:board": Line(get=ALL),
    "opportunities:board_more": Line({"stage_id": "stage"}, get=ALL),
    "opportunities:new": Line(get=ALL, post=ALL),
    "opportunities:customer_names": Line(get=ALL),
    "opportunities:detail": page(DEAL, pk="deal"),
    "opportunities:move": form(DEAL, DRIVER, pk="deal"),
    "opportunities:edit": form(DEAL, DEAL, pk="deal"),
    "opportunities:people": form(DEAL, DEAL, pk="deal"),
    "opportunities:release": act(DEAL, DEAL, pk="deal", involvement_id="involvement"),
    "opportunities:promise_new": form(DEAL, DEAL, pk="deal"),
    "opportunities:obstacle_new": form(DEAL, DEAL, pk="deal"),
    "opportunities:promise_settle": act(DEAL, DRIVER, pk="promise"),
    "opportunities:promise_date": form(DEAL, DRIVER, pk="promise"),
    "opportunities:offer": form(DEAL, BESIDE, pk="deal"),
    "apr:obstacles": Line(get=ALL),
    "apr:obstacle_clear": form(DEAL, DEAL, pk="obstacle"),
    "apr:promises": Line(get=ALL),
    "apr:session": page(DEAL, pk="coaching"),
    "apr:acknowledge": act(DEAL, "ana", pk="coaching"),
    "apr:pairs": Line(get=ALL),
    "apr:pair": page(DEAL, pm="nora", ae="ana"),
    "apr:pair_rows": page(DEAL, pm="nora", ae="ana"),
    "apr:pair_known": page(DEAL, pm="nora", ae="ana"),
    "apr:forecast": Line(get=LEADERS),
    "exchange:export": Line({"kind": "=opportunities"}, post=LEADERS, refused=403),
    "find": Line(get=ALL),
    "partners:list": Line(get=ALL),
    "partners:new": Line(get="nora lea max otto ada", post="nora lea max otto ada"),
    "partners:detail": page(DEAL, pk="partner"),
    "partners:edit": form(DEAL, BESIDE, pk="partner"),
    "partners:contact_new": form(DEAL, BESIDE, pk="partner"),
    "partners:manager_new": form(DEAL, BESIDE, pk="partner"),
    "partners:goal_new": form(DEAL, BESIDE, pk="partner"),
    "partners:contact_edit": form(DEAL, BESIDE, pk="contact"),
    "partners:contact_toggle": act(DEAL, BESIDE, pk="contact"),
    "partners:manager_end": form(DEAL, BESIDE, pk="management"),
}

# In the API a row that is absent is always 404; collections by who sees one of their rows, then acts.
API: dict[str, Line] = {
    "api:root": Line(get=ALL),
    "api:scores": Line(get=ALL),
    "api:score-rows": Line(get=ALL),
    "api:results": Line(get=ALL),
    "api:joint-scorecards": Line(get=ALL),
    "api:joint-scorecard-rows": Line(get=ALL),
    "api:action-bulk": Line(post=ALL),
    "api:opportunity-move": Line(
        {"pk": "deal"}, post=DRIVER, sees=DEAL, body={"stage": "next", "version": "version"}
    ),
    "api:obstacle-clear": act(DEAL, DEAL, pk="obstacle"),
    "api:commitment-settle": Line({"pk": "promise"}, post=DRIVER, sees=DEAL, body={"outcome": "kept"}),
    "api:action-confirm": act(DEAL, "nora", pk="action"),
    "api:action-dispute": Line({"pk": "action"}, post="nora", sees=DEAL, body={"note": "Another day"}),
    "api:action-acknowledge": act(DEAL, "ana", pk="coaching"),
    "api:hand-over-list": Line(get=ALL, post=ALL),
    "api:partner-goal-list": Line(get=ALL, post=ALL),
    "api:action-void": act(DEAL, DRIVER, pk="action"),
}
for name, row, sees, makes in [
    ("user", "ana", ALL, ADMIN),
    ("team", "team", "lea ada", ADMIN),
    ("membership", "membership", DRIVER, ADMIN),
    ("partner", "partner", DEAL, "nora lea max otto ada"),
    ("partner-contact", "contact", DEAL, ALL),
    ("customer", "customer", ALL, ALL),
    ("funnel", "=1", ALL, ADMIN),
    ("stage", "stage", ALL, ADMIN),
    ("opportunity", "deal", DEAL, ALL),
    ("obstacle", "obstacle", DEAL, ALL),
    ("commitment", "promise", DEAL, ALL),
    ("action-type", "=1", ALL, ADMIN),
    ("point-rule", "=1", ALL, ADMIN),
    ("action", "action", DEAL, ALL),
    ("target", "target", DRIVER, ADMIN),
    ("holiday", "holiday", ALL, ADMIN),
    ("absence", "absence", DRIVER, ALL),
]:
    API[f"api:{name}-list"] = Line(get=ALL, post=makes, body={"name": "New"} if name == "partner" else {})
    API[f"api:{name}-detail"] = page(sees, pk=row or "=1")

API["api:stage-change-list"] = API["api:assignment-list"] = Line(get=ALL)
# What needs more than a house with one of everything; tried where it is told.
ELSEWHERE = {
    "opportunities:hand_over_accept": "tests/opportunities: a hand-over has to be offered",
    "opportunities:hand_over_return": "tests/opportunities: a hand-over has to be offered",
    "opportunities:hand_over_withdraw": "tests/opportunities: a hand-over has to be offered",
    "api:hand-over-detail": "tests/opportunities: a hand-over has to be offered",
    "api:hand-over-accept": "tests/opportunities: a hand-over has to be offered",
    "api:hand-over-return": "tests/opportunities: a hand-over has to be offered",
    "api:hand-over-withdraw": "tests/opportunities: a hand-over has to be offered",
    "partners:goal": "tests/partners: a goal has to be set",
    "partners:goal_edit": "tests/partners: a goal has to be set",
    "partners:goal_progress": "tests/partners: a goal has to be set",
    "partners:goal_retire": "tests/partners: a goal has to be set",
    "api:partner-goal-detail": "tests/partners: a goal has to be set",
    "api:partner-goal-progress": "tests/partners: a goal has to be set",
    "api:partner-goal-retire": "tests/partners: a goal has to be set",
    "apr:evidence_rows": "tests/apr: a report has to be there",
    "api:stage-change-detail": "tests/api: rows of history, read only",
    "api:assignment-detail": "tests/api: rows of history, read only",
}
TABLE = {**PAGES, **API}

"""Who gets what answer: every route, every method, by role and by whose row it is."""

import pytest

from partnerhub.api import router
from tests.api.test_contract import KEYS
from tests.factories import action_type, stage

PEOPLE = ("nora", "ana", "lea", "sam", "otto", "ada")
ON_THE_DEAL = {"nora", "ana", "lea", "ada"}
EVERYBODY = set(PEOPLE)
# Collection → the row of the cast and who may see it.
SEEN_BY = {
    "users": ("ana", EVERYBODY),
    "teams": ("team", {"lea", "ada"}),
    "memberships": ("membership", {"ana", "lea", "ada"}),
    "partners": ("partner", ON_THE_DEAL),
    "partner-contacts": ("contact", ON_THE_DEAL),
    "partner-goals": ("goal", ON_THE_DEAL),
    "opportunities": ("deal", ON_THE_DEAL),
    "obstacles": ("obstacle", ON_THE_DEAL),
    "commitments": ("commitment", ON_THE_DEAL),
    "hand-overs": ("hand_over", ON_THE_DEAL),
    "actions": ("action", ON_THE_DEAL),
    "targets": ("target", {"ana", "lea", "ada"}),
    "holidays": ("holiday", EVERYBODY),
    "absences": ("absence", {"ana", "lea", "ada"}),
}
ADMIN_ONLY = {
    "users",
    "teams",
    "memberships",
    "funnels",
    "stages",
    "action-types",
    "point-rules",
    "targets",
    "holidays",
}
READ_ONLY = {"stage-changes", "assignments"}
DELETABLE = {"holidays", "absences"}
CHANGEABLE = set(KEYS) - READ_ONLY - {"absences", "hand-overs", "obstacles", "point-rules", "targets"}
ABSENT = "999999999"


def test_these_tables_know_every_collection():
    assert {prefix for prefix, _view, _name in router.registry} == set(KEYS)


@pytest.mark.parametrize("name", SEEN_BY)
def test_a_row_is_there_for_those_who_may_see_it_and_absent_for_others(api, cast, name):
    attribute, seen_by = SEEN_BY[name]
    pk = str(getattr(cast, attribute).pk)
    for person in PEOPLE:
        client = api(getattr(cast, person))
        answer = client.get(f"/api/v1/{name}/{pk}/")
        listed = {row["id"] for row in client.get(f"/api/v1/{name}/").json()["results"]}
        assert answer.status_code == (200 if person in seen_by else 404), person
        assert (pk in listed) == (person in seen_by), person
        if person not in seen_by:
            assert answer.json() == client.get(f"/api/v1/{name}/{ABSENT}/").json()


@pytest.mark.parametrize("name", KEYS)
def test_nobody_reads_or_writes_without_signing_in(api, cast, name):
    client = api()
    for answer in (
        client.get(f"/api/v1/{name}/"),
        client.get(f"/api/v1/{name}/1/"),
        client.post(f"/api/v1/{name}/", {}),
        client.patch(f"/api/v1/{name}/1/", {}),
        client.delete(f"/api/v1/{name}/1/"),
    ):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", sorted(ADMIN_ONLY))
@pytest.mark.parametrize("person", ["nora", "ana", "lea"])
def test_only_administrators_configure(api, cast, name, person):
    client = api(getattr(cast, person))
    assert client.post(f"/api/v1/{name}/", {}).status_code == 403
    if name in CHANGEABLE:
        assert client.patch(f"/api/v1/{name}/{ABSENT}/", {}).status_code == 403
    assert api(cast.ada).post(f"/api/v1/{name}/", {}).status_code == 400


@pytest.mark.parametrize("name", KEYS)
def test_history_has_no_delete_and_nothing_is_replaced_whole(api, cast, name):
    client = api(cast.ada)
    row = client.get(f"/api/v1/{name}/").json()["results"][0]
    url = f"/api/v1/{name}/{row['id']}/"
    assert client.put(url, row).status_code == 405
    assert client.delete(f"/api/v1/{name}/").status_code == 405
    assert client.options(url).status_code == 405
    assert client.delete(url).status_code == (204 if name in DELETABLE else 405)
    assert client.get(url).status_code == (404 if name in DELETABLE else 200)
    if name in READ_ONLY:
        assert client.post(f"/api/v1/{name}/", {}).status_code == 405
    if name not in CHANGEABLE:
        assert client.patch(url, {}).status_code == 405


# Act → who may do it, of those who see the row; for others it is absent.
ACTS = {
    "opportunities/{deal}/move/": ({"ana", "lea", "ada"}, {"stage": "{stage}", "version": "{version}"}),
    "actions/{action}/void/": ({"ana", "lea", "ada"}, {}),
    "actions/{coaching}/confirm/": ({"ana"}, {}),
    "actions/{coaching}/dispute/": ({"ana"}, {"note": "Another day"}),
    "obstacles/{obstacle}/clear/": (ON_THE_DEAL, {}),
    "commitments/{commitment}/settle/": ({"ana", "lea", "ada"}, {"outcome": "kept"}),
    "hand-overs/{hand_over}/accept/": ({"ana", "lea", "ada"}, {}),
    "hand-overs/{hand_over}/return/": ({"ana", "lea", "ada"}, {"reason": "Not my region"}),
    "hand-overs/{hand_over}/withdraw/": ({"nora", "lea", "ada"}, {}),
    "partner-goals/{goal}/progress/": ({"nora", "lea", "ada"}, {"on": "2026-09-15", "value": 2}),
    "partner-goals/{goal}/retire/": ({"nora", "lea", "ada"}, {"reason": "Out of date"}),
}


ROWS = ("deal", "action", "coaching", "obstacle", "commitment", "goal", "hand_over")


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("act", ACTS)
def test_acts_by_person(api, cast, act, person):
    may, body = ACTS[act]
    rows = {name: getattr(cast, name).pk for name in ROWS}
    values = {"{stage}": str(stage("Discovery").pk), "{version}": cast.deal.version}
    body = {key: values.get(value, value) for key, value in body.items()}
    expected = 200 if person in may else 403 if person in ON_THE_DEAL else 404
    client = api(getattr(cast, person))
    answer = client.post("/api/v1/" + act.format(**rows), body)
    assert answer.status_code == expected, answer.json()
    absent = act.format(**dict.fromkeys(rows, ABSENT))
    assert client.post("/api/v1/" + absent, body).status_code == 404


@pytest.mark.parametrize("person", PEOPLE)
def test_a_deal_is_changed_by_who_is_on_it_and_who_leads_them(api, cast, person):
    client = api(getattr(cast, person))
    expected = 200 if person in ON_THE_DEAL else 404
    url = f"/api/v1/opportunities/{cast.deal.pk}/"
    assert client.patch(url, {"name": "New", "version": cast.deal.version}).status_code == expected
    for name, body in {
        "obstacles": {"description": "Budget cut"},
        "commitments": {"text": "Call back", "due_on": "2099-01-01"},
    }.items():
        answer = client.post(f"/api/v1/{name}/", {"opportunity": str(cast.deal.pk), **body})
        assert answer.status_code == (201 if person in ON_THE_DEAL else 400)


def test_rows_that_one_may_not_see_cannot_be_named(api, cast):
    sam = api(cast.sam)
    log = {"action_type": str(action_type("call_to").pk), "occurred_at": "2026-09-15T10:00:00Z"}
    for field, pk in {"opportunity": cast.deal.pk, "partner": cast.partner.pk}.items():
        foreign = sam.post("/api/v1/actions/", {**log, field: str(pk)})
        absent = sam.post("/api/v1/actions/", {**log, field: ABSENT})
        assert foreign.status_code == 400
        assert foreign.json() == absent.json()
        assert set(foreign.json()["errors"]) == {field}


def test_actions_are_logged_for_oneself_and_for_the_people_one_leads(api, cast):
    body = {
        "action_type": str(action_type("call_to").pk),
        "occurred_at": "2026-09-15T10:00:00Z",
        "customer": str(cast.deal.customer_id),
        "actor": str(cast.ana.pk),
    }
    codes = {p: api(getattr(cast, p)).post("/api/v1/actions/", body).status_code for p in PEOPLE}
    assert codes == {"nora": 403, "ana": 201, "lea": 201, "sam": 403, "otto": 403, "ada": 201}


def test_what_was_said_in_coaching_stays_between_the_two(api, cast):
    url = f"/api/v1/actions/{cast.coaching.pk}/"
    notes = {p: api(getattr(cast, p)).get(url).json()["notes"] for p in sorted(ON_THE_DEAL)}
    assert notes == {"ada": None, "ana": "Between us", "lea": None, "nora": "Between us"}
    listed = api(cast.lea).get("/api/v1/actions/", {"actor": cast.nora.pk}).content.decode()
    rows = api(cast.lea).get("/api/v1/scores/rows/", {"subject": f"user:{cast.nora.pk}", "period": "2026"})
    assert rows.json()["results"][0]["id"] == str(cast.coaching.pk)
    assert "Between us" not in listed + rows.content.decode()
    assert api(cast.lea).get(f"/api/v1/actions/{cast.action.pk}/").json()["notes"] == "Called Acme"


@pytest.mark.parametrize("path", ["scores/", "scores/rows/", "results/"])
def test_scores_are_read_by_the_person_and_who_leads_them(api, cast, path):
    def codes(subject):
        query = {"subject": subject, "period": "2026-Q3"}
        return {p: api(getattr(cast, p)).get("/api/v1/" + path, query).status_code for p in PEOPLE}

    hidden = dict.fromkeys(PEOPLE, 404)
    assert codes(f"user:{cast.ana.pk}") == {**hidden, "ana": 200, "lea": 200, "ada": 200}
    assert codes(f"team:{cast.team.pk}") == {**hidden, "lea": 200, "ada": 200}
    assert codes(f"user:{ABSENT}") == hidden
    assert codes(f"team:{ABSENT}") == hidden
    assert set(codes("ana").values()) == {400}


@pytest.mark.parametrize("path", ["joint-scorecards/", "joint-scorecards/rows/"])
def test_a_pair_is_read_by_the_two_and_who_leads_one_of_them(api, cast, path):
    def codes(pm, ae):
        query = {"partner_manager": pm, "account_executive": ae, "period": "2026-Q3"}
        query |= {"component": "coaching"} if "rows" in path else {}
        return {p: api(getattr(cast, p)).get("/api/v1/" + path, query).status_code for p in PEOPLE}

    hidden = dict.fromkeys(PEOPLE, 404)
    assert codes(cast.nora.pk, cast.ana.pk) == {**hidden, "nora": 200, "ana": 200, "lea": 200, "ada": 200}
    # They have never been on a deal together, so that neither reads the other's number.
    assert codes(cast.nora.pk, cast.sam.pk) == {**hidden, "ada": 200}
    assert codes(cast.ana.pk, cast.nora.pk) == {**hidden, "ada": 200}
    assert codes(cast.nora.pk, cast.nora.pk) == codes(cast.nora.pk, ABSENT) == hidden
    assert set(codes("nora", cast.ana.pk).values()) == {400}


def test_an_open_pipeline_shows_deals_and_not_scores(api, cast):
    from accounts.models import Organisation

    organisation = Organisation.current()
    organisation.pipeline_is_open = True
    organisation.save()
    sam = api(cast.sam)
    url = f"/api/v1/opportunities/{cast.deal.pk}/"
    assert sam.get(url).status_code == 200
    assert sam.patch(url, {"name": "Mine", "version": cast.deal.version}).status_code == 403
    move = {"stage": str(stage("Discovery").pk), "version": cast.deal.version}
    assert sam.post(url + "move/", move).status_code == 403
    obstacle = {"opportunity": str(cast.deal.pk), "description": "None of my business"}
    assert sam.post("/api/v1/obstacles/", obstacle).status_code == 403
    score = {"subject": f"user:{cast.ana.pk}", "period": "2026"}
    assert sam.get("/api/v1/scores/", score).status_code == 404


@pytest.mark.parametrize("name", sorted(set(KEYS) - READ_ONLY))
def test_no_write_takes_a_field_that_its_writer_may_not_set(api, cast, name):
    client = api(cast.ada)
    row = client.get(f"/api/v1/{name}/").json()["results"][0]
    smuggled = {"id": "1", "is_superuser": True, "password": "x", "version_": 1, "token_hash": "x"}
    made = client.post(f"/api/v1/{name}/", {**row, **smuggled})
    assert made.status_code == 400
    assert set(smuggled) <= set(made.json()["errors"])
    if name in CHANGEABLE:
        changed = client.patch(f"/api/v1/{name}/{row['id']}/", smuggled)
        assert changed.status_code == 400
        assert set(changed.json()["errors"]) == set(smuggled)


@pytest.mark.parametrize(
    ("name", "attribute", "body"),
    [
        ("opportunities", "deal", {"status": "won"}),
        ("opportunities", "deal", {"stage": "1"}),
        ("opportunities", "deal", {"closed_on": "2026-01-01"}),
        ("opportunities", "deal", {"created_at": "2026-01-01T00:00:00Z"}),
        ("actions", "action", {"actor": "1"}),
        ("actions", "action", {"confirmation": "confirmed"}),
        ("actions", "action", {"voided_at": None}),
        ("actions", "action", {"occurred_on": "2020-01-01"}),
        ("commitments", "commitment", {"outcome": "kept"}),
        ("commitments", "commitment", {"made_by": "1"}),
        ("memberships", "membership", {"team": "1"}),
        ("partners", "partner", {"managers": []}),
    ],
)
def test_derived_facts_cannot_be_set(api, cast, name, attribute, body):
    url = f"/api/v1/{name}/{getattr(cast, attribute).pk}/"
    client = api(cast.ada)
    before = client.get(url).json()
    answer = client.patch(url, body)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, set(body))
    assert client.get(url).json() == before


def test_nobody_sets_their_own_target(api, cast):
    body = {
        "metric": "apr_points",
        "period_kind": "month",
        "value": 1,
        "effective_from": "2099-01-01",
        "why": "Easy",
    }
    client = api(cast.ada)
    assert client.post("/api/v1/targets/", {**body, "subject": f"user:{cast.ada.pk}"}).status_code == 403
    assert client.post("/api/v1/targets/", {**body, "subject": f"user:{cast.ana.pk}"}).status_code == 201


def test_nobody_confirms_their_own_action(api, cast):
    for person in (cast.nora, cast.ada):
        assert api(person).post(f"/api/v1/actions/{cast.coaching.pk}/confirm/").status_code == 403

"""The names and shapes that outside clients rely on (docs/api.md)."""

import re

import pytest

from opportunities.models import LostReason
from tests.factories import stage

KEYS = {
    "users": "id name email time_zone locale roles is_active joined_at external_source external_id",
    "teams": "id name kind parent leaders is_active external_source external_id",
    "memberships": "id user team starts_on ends_on",
    "partners": "id name type tier lifecycle region website notes managers external_source external_id"
    " created_at",
    "partner-contacts": "id partner name email phone title is_active",
    "partner-goals": "id partner side text metric target progress starts_on due_on why created_at retired_at"
    " retire_reason",
    "customers": "id name industry region website external_source external_id created_at",
    "funnels": "id name is_default is_active",
    "stages": "id funnel name position kind probability forecast_category expected_days allowed_silence_days"
    " is_active",
    "opportunities": "id name customer funnel stage status amount expected_close_on closed_on owner"
    " partner_manager partners next_step external_source external_id created_at version",
    "stage-changes": "id opportunity from_stage to_stage effective_at recorded_at changed_by amount"
    " expected_close_on",
    "assignments": "id opportunity user capacity starts_at ends_at",
    "obstacles": "id opportunity kind description raised_by raised_at needs_partner partner assigned_to"
    " due_on cleared_at cleared_by cleared_with resolution",
    "commitments": "id opportunity made_by made_to text due_on made_at settled_at outcome",
    "hand-overs": "id opportunity partner offered_by offered_to recorded_by note offered_at due_on"
    " working_days_left outcome answered_at answered_by reason",
    "action-types": "id key name category icon position is_active",
    "point-rules": "id action_type points daily_cap effective_from",
    "actions": "id action_type actor capacity occurred_at occurred_on logged_at duration_minutes opportunity"
    " partner customer counterpart notes advice advice_acknowledged_at confirmation voided_at source"
    " external_id",
    "targets": "id subject scope metric period_kind value effective_from why",
    "holidays": "id date name",
    "absences": "id user starts_on ends_on",
}


@pytest.mark.parametrize("name", KEYS)
def test_a_collection_has_exactly_these_keys(api, cast, name):
    client = api(cast.ada)
    page = client.get(f"/api/v1/{name}/").json()
    assert set(page) == {"next", "previous", "results"}
    row = page["results"][0]
    assert list(row) == KEYS[name].split()
    assert isinstance(row["id"], str)
    assert client.get(f"/api/v1/{name}/{row['id']}/").json() == row


def test_the_root_names_every_collection(api, cast):
    collections = api(cast.ana).get("/api/v1/").json()["collections"]
    assert set(collections) == set(KEYS)
    assert all(url.endswith(f"/api/v1/{name}/") for name, url in collections.items())


def test_a_deal_in_full(api, cast):
    deal = api(cast.ana).get(f"/api/v1/opportunities/{cast.deal.pk}/").json()
    assert deal["amount"] == {"amount": "1234.50", "currency": "EUR"}
    assert deal["partners"] == [{"partner": str(cast.partner.pk), "kind": "sourced"}]
    assert deal["owner"] == str(cast.ana.pk)
    assert deal["partner_manager"] == str(cast.nora.pk)
    assert deal["next_step"] == {"text": "Send the offer", "due_on": "2026-09-17"}
    assert (deal["status"], deal["closed_on"]) == ("open", None)
    assert deal["expected_close_on"] == "2026-09-24"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", deal["created_at"])


def test_an_action_in_full(api, cast):
    action = api(cast.ana).get(f"/api/v1/actions/{cast.action.pk}/").json()
    assert action["occurred_at"] == "2026-09-15T12:00:00Z"
    assert action["occurred_on"] == "2026-09-15"
    assert action["actor"] == str(cast.ana.pk)
    assert (action["confirmation"], action["voided_at"]) == ("none", None)


def test_every_list_filters_by_its_fields(api, cast):
    client = api(cast.ada)

    def ids(name, **query):
        answer = client.get(f"/api/v1/{name}/", query)
        assert answer.status_code == 200, answer.json()
        return {row["id"] for row in answer.json()["results"]}

    deal, ana = str(cast.deal.pk), str(cast.ana.pk)
    assert ids("opportunities", owner=ana, status="open", partner=cast.partner.pk) == {deal}
    assert ids("opportunities", owner=cast.sam.pk) == set()
    assert ids("opportunities", expected_close_on__lt="2026-09-24") == set()
    assert ids("opportunities", expected_close_on__gte="2026-09-24") == {deal}
    assert ids("opportunities", partner_manager__isnull="true") == set()
    assert ids("opportunities", name__icontains="acme") == {deal}
    assert ids("opportunities", updated_since="2099-01-01T00:00:00Z") == set()
    assert ids("opportunities", updated_since="2020-01-01T00:00:00+02:00") == {deal}
    assert ids("actions", actor=ana, occurred_on="2026-09-15") == {str(cast.action.pk)}
    assert ids("actions", counterpart=ana) == {str(cast.coaching.pk)}
    assert ids("obstacles", cleared_at__isnull="true") == {str(cast.obstacle.pk)}
    assert ids("commitments", made_by=ana, outcome="open") == {str(cast.commitment.pk)}
    assert ids("users", is_active="false") == set()
    assert ids("targets", user=ana, metric="apr_points") == {str(cast.target.pk)}


@pytest.mark.parametrize(
    "query",
    [
        {"ownr": "1"},
        {"owner": "ana"},
        {"owner": "1" * 40},
        {"status": "opened"},
        {"expected_close_on": "soon"},
        {"expected_close_on__gte": "0001-01-01"},
        {"updated_since": "2026-09-15T10:00:00"},
        {"updated_since": "0001-01-01T00:00:00+14:00"},
        {"partner_manager__isnull": "perhaps"},
        {"page_size": "0"},
        {"page_size": "many"},
        {"cursor": "abc"},
        {"cursor": "cD1hYmM="},
        {"name": "\0"},
    ],
)
def test_a_filter_that_cannot_be_understood_is_refused_by_name(api, cast, query):
    answer = api(cast.ana).get("/api/v1/opportunities/", query)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(query)


def test_moving_a_deal(api, cast):
    client = api(cast.ana)
    url = f"/api/v1/opportunities/{cast.deal.pk}/"
    version = client.get(url).json()["version"]
    target = str(stage("Discovery").pk)
    moved = client.post(url + "move/", {"stage": target, "version": version})
    assert moved.status_code == 200
    assert (moved.json()["stage"], moved.json()["version"]) == (target, version + 1)
    assert moved["ETag"] == f'"{version + 1}"'
    change = client.get("/api/v1/stage-changes/", {"opportunity": cast.deal.pk}).json()["results"][-1]
    assert (change["from_stage"], change["to_stage"]) == (str(stage("Qualify").pk), target)
    assert change["changed_by"] == str(cast.ana.pk)
    assert change["amount"] == {"amount": "1234.50", "currency": "EUR"}


def test_losing_a_deal_needs_a_reason_by_name_or_id(api, cast):
    client = api(cast.ana)
    url = f"/api/v1/opportunities/{cast.deal.pk}/move/"
    lost = str(stage("Lost").pk)
    bare = client.post(url, {"stage": lost, "version": client.get(url[:-5]).json()["version"]})
    assert (bare.status_code, bare.json()["code"]) == (400, "reason_required")
    assert set(bare.json()["errors"]) == {"lost_reason"}
    unknown = client.post(url, {"stage": lost, "lost_reason": "Weather", "version": 1})
    assert set(unknown.json()["errors"]) == {"lost_reason"}
    version = client.get(url[:-5]).json()["version"]
    told = client.post(url, {"stage": lost, "lost_reason": "Price", "version": version})
    assert (told.status_code, told.json()["status"]) == (200, "lost")
    assert told.json()["closed_on"] is not None
    cast.deal.refresh_from_db()
    assert cast.deal.lost_reason == LostReason.objects.get(name="Price")


def test_a_stale_version_is_a_conflict_that_shows_the_deal_as_it_is(api, cast):
    client = api(cast.ana)
    url = f"/api/v1/opportunities/{cast.deal.pk}/"
    read = client.get(url).json()
    renamed = client.patch(url, {"name": "Acme renewal 2027", "version": read["version"]}).json()
    for answer in (
        client.post(url + "move/", {"stage": str(stage("Discovery").pk), "version": read["version"]}),
        client.patch(url, {"name": "Other", "version": read["version"]}),
    ):
        assert answer.status_code == 409
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["current"] == renamed
        assert answer.json()["attempted"] == {"version": read["version"]}
    assert client.get(url).json() == renamed


def test_etags_mean_the_version(api, cast):
    client = api(cast.ana)
    url = f"/api/v1/opportunities/{cast.deal.pk}/"
    tag = client.get(url)["ETag"]
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(url, headers={"If-None-Match": '"999"'}).status_code == 200
    stale = client.patch(url, {"name": "X"}, headers={"If-Match": '"999"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    changed = client.patch(url, {"name": "Acme, renewed"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["name"]) == (200, "Acme, renewed")
    assert changed["ETag"] != tag
    assert client.patch(url, {"name": "X"}, headers={"If-Match": tag}).status_code == 412
    unread = client.patch(url, {"name": "X"})
    assert (unread.status_code, set(unread.json()["errors"])) == (400, {"version"})


def test_who_is_on_a_deal_and_its_partners_change_together_or_not_at_all(api, cast):
    client = api(cast.ana)
    url = f"/api/v1/opportunities/{cast.deal.pk}/"
    version = client.get(url).json()["version"]
    changes = {
        "amount": {"amount": "99.00", "currency": "USD"},
        "partners": [{"partner": str(cast.partner.pk), "kind": "co_sell"}],
        "owner": str(cast.sam.pk),
    }
    changed = client.patch(url, {**changes, "version": version})
    assert changed.status_code == 200, changed.json()
    assert {name: changed.json()[name] for name in changes} == changes
    spans = client.get("/api/v1/assignments/", {"capacity": "account_executive"}).json()["results"]
    assert [(row["user"], row["ends_at"] is None) for row in spans] == [
        (str(cast.ana.pk), False),
        (str(cast.sam.pk), True),
    ]
    # Ana handed the deal over: she still sees it and cannot change it any more; nothing of this is written.
    refused = client.patch(url, {"name": "Mine", "version": changed.json()["version"]})
    assert refused.status_code == 403
    assert client.get(url).json() == changed.json()


def test_opening_a_deal(api, cast):
    body = {
        "name": "Globex rollout",
        "stage": str(stage("Qualify").pk),
        "customer": str(cast.deal.customer_id),
        "amount": {"amount": "500", "currency": "JPY"},
        "partner_manager": str(cast.nora.pk),
        "owner": str(cast.ana.pk),
        "external_source": "crm",
        "external_id": "006A",
    }
    client = api(cast.ana)
    made = client.post("/api/v1/opportunities/", body)
    assert made.status_code == 201, made.json()
    assert made.json()["amount"] == {"amount": "500", "currency": "JPY"}
    assert (made.json()["owner"], made.json()["version"]) == (str(cast.ana.pk), made.json()["version"])
    again = client.post("/api/v1/opportunities/", body)
    assert (again.status_code, again.json()["code"]) == (409, "exists")
    bare = client.post("/api/v1/opportunities/", {"name": "Solo", "stage": body["stage"]}).json()
    assert bare["owner"] == str(cast.ana.pk)
    other = client.post(
        "/api/v1/opportunities/", {"name": "For Sam", "stage": body["stage"], "owner": str(cast.sam.pk)}
    )
    assert other.status_code == 403


@pytest.mark.parametrize(
    "amount",
    [
        1234.5,
        "1234.50",
        {"amount": 1234.5, "currency": "EUR"},
        {"amount": "1234.505", "currency": "EUR"},
        {"amount": "1.5", "currency": "JPY"},
        {"amount": "-1", "currency": "EUR"},
        {"amount": "1e3", "currency": "EUR"},
        {"amount": "NaN", "currency": "EUR"},
        {"amount": "1" * 30, "currency": "EUR"},
        {"amount": "١", "currency": "EUR"},
        {"amount": "1", "currency": "EURO"},
        {"amount": "1"},
        {"amount": "1", "currency": "EUR", "rate": "2"},
        [],
        None,
    ],
)
def test_money_is_an_exact_string_with_a_currency(api, cast, amount):
    client = api(cast.ana)
    url = f"/api/v1/opportunities/{cast.deal.pk}/"
    body = {"amount": amount, "version": client.get(url).json()["version"]}
    answer = client.patch(url, body)
    if amount is None:
        assert answer.json()["amount"] is None
    else:
        assert (answer.status_code, set(answer.json()["errors"])) == (400, {"amount"})
        assert client.get(url).json()["amount"] == {"amount": "1234.50", "currency": "EUR"}


def test_obstacles_are_raised_and_cleared(api, cast):
    client = api(cast.nora)
    body = {
        "opportunity": str(cast.deal.pk),
        "kind": "Legal",
        "description": "Contract not signed",
        "needs_partner": True,
        "partner": str(cast.partner.pk),
        "assigned_to": str(cast.ana.pk),
        "due_on": "2026-09-20",
    }
    raised = client.post("/api/v1/obstacles/", body)
    assert raised.status_code == 201, raised.json()
    assert {name: raised.json()[name] for name in body} == body
    assert raised.json()["raised_by"] == str(cast.nora.pk)
    url = f"/api/v1/obstacles/{raised.json()['id']}/"
    cleared = api(cast.ana).post(url + "clear/", {"resolution": "Signed"})
    assert (cleared.status_code, cleared.json()["resolution"]) == (200, "Signed")
    assert cleared.json()["cleared_by"] == str(cast.ana.pk)
    assert api(cast.ana).post(url + "clear/").status_code == 400


def test_commitments_are_made_moved_and_settled(api, cast):
    client = api(cast.ana)
    body = {
        "opportunity": str(cast.deal.pk),
        "made_to": str(cast.nora.pk),
        "text": "Name the signatory",
        "due_on": "2099-01-10",
    }
    made = client.post("/api/v1/commitments/", body)
    assert made.status_code == 201, made.json()
    assert (made.json()["made_by"], made.json()["outcome"]) == (str(cast.ana.pk), "open")
    url = f"/api/v1/commitments/{made.json()['id']}/"
    assert client.patch(url, {"due_on": "2099-01-12"}).json()["due_on"] == "2099-01-12"
    assert api(cast.nora).post(url + "settle/", {"outcome": "kept"}).status_code == 403
    assert client.post(url + "settle/", {"outcome": "late"}).status_code == 400
    settled = client.post(url + "settle/", {"outcome": "kept"}).json()
    assert (settled["outcome"], settled["settled_at"] is None) == ("kept", False)
    # Overdue since September 2026: kept now is late.
    late = client.post(f"/api/v1/commitments/{cast.commitment.pk}/settle/", {"outcome": "kept"}).json()
    assert late["outcome"] == "late"


def test_funnels_and_stages_are_configured(api, cast):
    client = api(cast.ada)
    made = client.post("/api/v1/funnels/", {"name": "Renewals"})
    assert (made.status_code, made.json()["is_default"]) == (201, False)
    again = client.post("/api/v1/funnels/", {"name": "Renewals"})
    assert (again.status_code, set(again.json()["errors"])) == (400, {"name"})
    funnel = made.json()["id"]
    body = {"funnel": funnel, "name": "Check usage", "probability": 30, "expected_days": 10}
    added = client.post("/api/v1/stages/", body)
    assert added.status_code == 201, added.json()
    assert (added.json()["kind"], added.json()["position"]) == ("open", 2)
    url = f"/api/v1/stages/{added.json()['id']}/"
    assert client.patch(url, {"position": 1, "allowed_silence_days": 5}).json()["position"] == 1
    order = client.get("/api/v1/stages/", {"funnel": funnel, "kind": "open"}).json()["results"]
    assert sorted((row["position"], row["name"]) for row in order) == [(1, "Check usage"), (2, "First stage")]
    assert client.patch(url, {"probability": 101}).status_code == 400
    assert client.patch(url, {"kind": "won"}).status_code == 400
    assert client.patch(url, {"funnel": "1"}).status_code == 400
    assert client.patch(url, {"is_active": False}).json()["is_active"] is False
    chosen = client.patch(f"/api/v1/funnels/{funnel}/", {"is_default": True, "name": "Renewal"}).json()
    assert (chosen["is_default"], chosen["name"]) == (True, "Renewal")
    defaults = client.get("/api/v1/funnels/", {"is_default": "true"}).json()["results"]
    assert [row["id"] for row in defaults] == [funnel]


def test_people_are_added_and_leave(api, cast):
    client = api(cast.ada)
    body = {"name": "Mia Berg", "email": "Mia@Fieldstone.example", "roles": ["leader", "account_executive"]}
    made = client.post("/api/v1/users/", body)
    assert made.status_code == 201, made.json()
    assert made.json()["email"] == "mia@fieldstone.example"
    assert made.json()["roles"] == ["account_executive", "leader"]
    again = client.post("/api/v1/users/", body)
    assert (again.status_code, set(again.json()["errors"])) == (400, {"email"})
    url = f"/api/v1/users/{made.json()['id']}/"
    joined = {"user": made.json()["id"], "team": str(cast.team.pk), "starts_on": "2026-09-01"}
    member = client.post("/api/v1/memberships/", joined)
    assert (member.status_code, member.json()["ends_on"]) == (201, None)
    left = client.patch(f"/api/v1/memberships/{member.json()['id']}/", {"ends_on": "2026-10-01"})
    assert left.json()["ends_on"] == "2026-10-01"
    assert client.patch(url, {"roles": ["partner_manager"]}).json()["roles"] == ["partner_manager"]
    assert client.patch(url, {"is_active": False}).json()["is_active"] is False
    assert client.patch(f"/api/v1/users/{cast.ada.pk}/", {"is_active": False}).status_code == 400
    assert client.patch(f"/api/v1/users/{cast.ada.pk}/", {"roles": []}).status_code == 400


def test_a_team_is_not_part_of_itself(api, cast):
    client = api(cast.ada)
    below = client.post("/api/v1/teams/", {"name": "North 2", "kind": "sales", "parent": str(cast.team.pk)})
    assert below.status_code == 201
    url = f"/api/v1/teams/{cast.team.pk}/"
    loop = client.patch(url, {"parent": below.json()["id"]})
    assert (loop.status_code, set(loop.json()["errors"])) == (400, {"parent"})
    assert client.patch(url, {"leaders": [str(cast.ada.pk)]}).json()["leaders"] == [str(cast.ada.pk)]
    assert client.patch(url, {"parent": str(cast.team.pk)}).status_code == 400


def test_partners_and_their_contacts(api, cast):
    client = api(cast.nora)
    made = client.post("/api/v1/partners/", {"name": "Cloudpeak", "type": "reseller"})
    assert (made.status_code, made.json()["managers"]) == (201, [str(cast.nora.pk)])
    contact = {"partner": made.json()["id"], "name": "Kim", "email": "kim@cloudpeak.example"}
    assert client.post("/api/v1/partner-contacts/", contact).status_code == 201
    assert api(cast.ana).post("/api/v1/partners/", {"name": "Mine"}).status_code == 403
    assert api(cast.ana).patch(f"/api/v1/partners/{cast.partner.pk}/", {"tier": "Gold"}).status_code == 403
    changed = client.patch(f"/api/v1/partners/{cast.partner.pk}/", {"tier": "Gold"})
    assert (changed.status_code, changed.json()["tier"]) == (200, "Gold")
    source = {"name": "Cloudpeak", "external_source": "crm", "external_id": "9"}
    assert client.post("/api/v1/partners/", source).status_code == 201
    assert client.post("/api/v1/partners/", source).status_code == 400


def test_action_types_and_absences(api, cast):
    client = api(cast.ada)
    made = client.post("/api/v1/action-types/", {"name": "Site visit", "category": "engagement", "points": 4})
    assert (made.status_code, made.json()["key"]) == (201, "site_visit")
    rules = client.get("/api/v1/point-rules/", {"action_type": made.json()["id"]}).json()["results"]
    assert [row["points"] for row in rules] == [4]
    url = f"/api/v1/action-types/{made.json()['id']}/"
    assert client.patch(url, {"position": 1}).json()["position"] == 1
    assert client.patch(url, {"is_active": False}).json()["is_active"] is False
    own = {"user": str(cast.ana.pk), "starts_on": "2026-11-02", "ends_on": "2026-11-04"}
    assert api(cast.ana).post("/api/v1/absences/", own).status_code == 201
    assert api(cast.lea).post("/api/v1/absences/", own).status_code == 201
    assert api(cast.nora).post("/api/v1/absences/", own).status_code == 403
    backward = api(cast.ana).post("/api/v1/absences/", {**own, "ends_on": "2026-11-01"})
    assert backward.status_code == 400


def test_correcting_an_action_asks_the_counterpart_anew(api, cast):
    assert (
        api(cast.ana).post(f"/api/v1/actions/{cast.coaching.pk}/confirm/").json()["confirmation"]
        == "confirmed"
    )
    url = f"/api/v1/actions/{cast.coaching.pk}/"
    corrected = api(cast.nora).patch(url, {"duration_minutes": 45})
    assert corrected.status_code == 200
    assert (corrected.json()["duration_minutes"], corrected.json()["confirmation"]) == (45, "none")
    assert corrected.json()["notes"] == "Between us"
    assert api(cast.ana).patch(url, {"duration_minutes": 5}).status_code == 403


def test_goals_with_partners(api, cast):
    client = api(cast.nora)
    body = {
        "partner": str(cast.partner.pk),
        "side": "partner",
        "text": "Win something",
        "metric": "sourced_won_amount",
        "target": {"amount": "2000.00", "currency": "EUR"},
        "starts_on": "2026-01-01",
        "due_on": "2026-12-31",
        "why": "It is time",
    }
    made = client.post("/api/v1/partner-goals/", body)
    assert made.status_code == 201, made.json()
    assert made.json()["target"] == body["target"]
    assert made.json()["progress"] == {"amount": "0.00", "currency": "EUR"}
    url = f"/api/v1/partner-goals/{made.json()['id']}/"
    changed = client.patch(url, {"due_on": "2099-03-31"}).json()
    assert (changed["due_on"], changed["target"]) == ("2099-03-31", body["target"])
    assert client.patch(url, {"target": 3}).status_code == 400
    counted = client.patch(url, {"metric": "sourced_deals", "target": 3}).json()
    assert (counted["target"], counted["progress"]) == (3, 1)  # the deal of the cast
    assert client.post(url + "progress/", {"on": "2026-09-01", "value": 1}).json()["code"] == "measured"
    by_hand = f"/api/v1/partner-goals/{cast.goal.pk}/"
    assert client.post(by_hand + "progress/", {"on": "2026-09-01", "value": 2}).json()["progress"] == 2
    retired = client.post(url + "retire/", {"reason": "Too much"}).json()
    assert retired["retired_at"] is not None
    assert client.patch(url, {"target": 4}).json()["code"] == "retired"
    yen = {**body, "target": {"amount": "5", "currency": "JPY"}}
    assert set(client.post("/api/v1/partner-goals/", yen).json()["errors"]) == {"target"}
    assert client.get("/api/v1/partner-goals/", {"retired_at__isnull": "false"}).json()["results"] == [
        retired
    ]

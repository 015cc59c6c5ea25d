"""Every error is a problem document, and nothing that is sent makes one of ours (500)."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.test_contract import KEYS

PROBLEM_KEYS = {"type", "title", "status", "detail", "code"}


def check_problem(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) >= PROBLEM_KEYS
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    "path", ["nothing/", "opportunities/abc/", "opportunities/1", "opportunities/1/fly/", "scores/x/", "../x"]
)
def test_what_is_not_there(api, cast, path):
    for method in ("get", "post", "patch", "delete", "put"):
        check_problem(getattr(api(cast.ada), method)("/api/v1/" + path), 404)
    check_problem(api(cast.ada).get("/api/v2/"), 404)


def test_absent_and_foreign_rows_are_the_same(api, cast):
    sam = api(cast.sam)
    foreign = check_problem(sam.get(f"/api/v1/opportunities/{cast.deal.pk}/"), 404)
    absent = check_problem(sam.get("/api/v1/opportunities/999999999/"), 404)
    assert foreign == absent


def test_methods_media_types_and_formats(api, cast):
    client = api(cast.ada)
    check_problem(client.put("/api/v1/teams/1/", {}), 405)
    check_problem(client.post("/api/v1/scores/", {}), 405)
    check_problem(client.generic("POST", "/api/v1/teams/", b"a=1", "application/x-www-form-urlencoded"), 415)
    check_problem(client.get("/api/v1/teams/", headers={"Accept": "text/html"}), 406)
    check_problem(client.get("/api/v1/teams/?format=xml"), 400)


GARBAGE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"\xff\xfe",
    b"\x00",
    b"NaN",
    b'{"name": NaN}',
    b'{"name": 1e999}',
    b'{"name": "\\u0000"}',
    b'{"name": "\\ud800"}',
    b'{"name": {"a": 1}}',
    b'{"name": [1]}',
    b'{"": 1}',
    b"9" * 5000,
]


@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: repr(body[:20]))
def test_garbage_is_refused_kindly(api, cast, body):
    client = api(cast.ada)
    for name in ("teams", "opportunities", "actions", "targets", "memberships"):
        check_problem(client.generic("POST", f"/api/v1/{name}/", body, "application/json"), 400)
    check_problem(client.generic("POST", "/api/v1/actions/bulk/", body, "application/json"), 400)
    url = f"/api/v1/opportunities/{cast.deal.pk}/"
    check_problem(client.generic("PATCH", url, body, "application/json"), 400)
    check_problem(client.generic("POST", url + "move/", body, "application/json"), 400)


@pytest.mark.parametrize("charset", ["utf-16", "hex", "zlib", "rot13", "nonsense"])
def test_json_is_utf_8_whatever_the_header_says(api, cast, charset):
    answer = api(cast.ana).generic(
        "POST", "/api/v1/customers/", b'{"name": "Acme"}', f"application/json; charset={charset}"
    )
    assert answer.status_code == 201


def test_too_much_for_one_request(api, cast, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = {"name": "x" * 2000}
    check_problem(api(cast.ada).post("/api/v1/teams/", body), 413)


def test_what_breaks_on_our_side_is_a_problem_too(api, cast, monkeypatch):
    monkeypatch.setattr("accounts.api.Teams.get_queryset", lambda _view: 1 / 0)
    client = api(cast.ada)
    client.raise_request_exception = False
    broken = client.get("/api/v1/teams/")
    assert broken["X-Request-ID"] in check_problem(broken, 500)["detail"]
    check_problem(client.get("/api/v1/teams/", headers={"Host": "elsewhere.example"}), 400)


def test_errors_name_their_place(api, cast):
    body = {
        "name": "",
        "stage": "77777777",
        "customer": 5,
        "partners": [{"partner": str(cast.partner.pk), "kind": "friend"}],
        "expected_close_on": "2026-13-01",
    }
    problem = check_problem(api(cast.ana).post("/api/v1/opportunities/", body), 400)
    assert set(problem["errors"]) == {"name", "stage", "customer", "partners.0.kind", "expected_close_on"}
    assert all(isinstance(words, list) for words in problem["errors"].values())


def test_the_language_is_the_reader_s(api, cast):
    answer = api(cast.ana).get("/api/v1/teams/99/", headers={"Accept-Language": "de"})
    assert answer["Content-Language"] == "de"
    check_problem(answer, 404)


def test_rates_are_told_and_kept(api, cast, monkeypatch):
    from foundation.api.throttling import PersonRate

    monkeypatch.setattr(PersonRate, "rate", "2/min", raising=False)
    client = api(cast.ana)
    first = client.get("/api/v1/teams/")
    assert first["RateLimit-Policy"] == '"default";q=2;w=60'
    assert first["RateLimit"].startswith('"default";r=1;t=')
    assert client.get("/api/v1/teams/").status_code == 200
    refused = client.get("/api/v1/teams/")
    check_problem(refused, 429)
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["RateLimit"].startswith('"default";r=0;t=')
    assert api(cast.nora).get("/api/v1/teams/").status_code == 200


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("name", sorted(KEYS))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_value_in_any_field_breaks_anything(api, cast, name, data):
    fields = data.draw(
        st.dictionaries(st.sampled_from([*KEYS[name].split(), "version", "points"]), values, max_size=6)
    )
    client = api(cast.ada)
    body = json.dumps(fields)
    answer = client.generic("POST", f"/api/v1/{name}/", body, "application/json")
    assert answer.status_code in {201, 400, 403, 405, 409}, (answer.content, body)
    row = client.get(f"/api/v1/{name}/").json()["results"][0]
    answer = client.generic("PATCH", f"/api/v1/{name}/{row['id']}/", body, "application/json")
    assert answer.status_code in {200, 400, 403, 405, 409}, (answer.content, body)

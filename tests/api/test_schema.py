"""The description is complete, without warnings, and says what the server does."""

import json

import pytest
from django.urls import URLPattern, URLResolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from apr.services.closing import ask_to_close, work_on_closings
from partnerhub.api import v1
from tests.api.test_contract import KEYS

METHODS = ("get", "post", "patch", "delete")


@pytest.fixture(scope="module")
def schema():
    GENERATOR_STATS.reset()
    made = SchemaGenerator().get_schema(request=None, public=True)
    warnings = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    assert warnings == []
    return json.loads(json.dumps(made, default=str))


def patterns(entries):
    for entry in entries:
        if isinstance(entry, URLResolver):
            yield from patterns(entry.url_patterns)
        elif isinstance(entry, URLPattern):
            yield entry


def test_every_route_and_method_is_described(schema):
    routes = list(patterns(v1))
    assert len(schema["paths"]) == len(routes)
    for pattern in routes:
        view = pattern.callback
        actions = getattr(view, "actions", None) or {
            method: method for method in METHODS if hasattr(view.view_class, method)
        }
        described = [path for path in schema["paths"].values() if set(path) == set(actions) - {"head"}]
        assert described, pattern


def test_it_is_served_to_everybody_in_version_3_1(client, db):
    answer = client.get("/api/schema/")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert set(KEYS) <= {path.split("/")[3] for path in answer.json()["paths"]}


def test_each_operation_tells_its_problems_and_its_key(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert {"400", "401", "404", "429"} <= set(operation["responses"]), (path, method)
            headers = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
            assert ("Idempotency-Key" in headers) == (method == "post")
    move = schema["paths"]["/api/v1/opportunities/{id}/move/"]["post"]
    assert {"200", "403", "409", "412", "422"} <= set(move["responses"])


@pytest.mark.parametrize("name", sorted(KEYS))
def test_rows_are_as_described(schema, api, cast, name):
    row = api(cast.ada).get(f"/api/v1/{name}/").json()["results"][0]
    shape = schema["paths"][f"/api/v1/{name}/{{id}}/"]["get"]["responses"]["200"]["content"]
    check(schema, shape["application/json"]["schema"], row)


@pytest.mark.parametrize("path", ["scores", "results"])
def test_figures_are_as_described(schema, api, cast, path):
    answer = api(cast.ana).get(f"/api/v1/{path}/?subject=user:{cast.ana.pk}&period=2026-Q3").json()
    shape = schema["paths"][f"/api/v1/{path}/"]["get"]["responses"]["200"]["content"]
    check(schema, shape["application/json"]["schema"], answer)


@pytest.mark.parametrize("path", ["scores", "results"])
def test_figures_of_a_closed_period_are_as_described(schema, api, cast, path):
    ask_to_close(key="2025-Q3", by=cast.ada)
    work_on_closings()
    answer = api(cast.ana).get(f"/api/v1/{path}/?subject=user:{cast.ana.pk}&period=2025-Q3").json()
    assert answer["known"] is not None
    shape = schema["paths"][f"/api/v1/{path}/"]["get"]["responses"]["200"]["content"]
    check(schema, shape["application/json"]["schema"], answer)


def test_joint_scorecards_are_as_described(schema, api, cast):
    pair = f"partner_manager={cast.nora.pk}&account_executive={cast.ana.pk}&period=2026"
    for path in (f"joint-scorecards/?{pair}", f"joint-scorecards/rows/?{pair}&component=coaching"):
        answer = api(cast.ana).get(f"/api/v1/{path}").json()
        described = schema["paths"]["/api/v1/" + path.partition("?")[0]]["get"]["responses"]["200"]["content"]
        check(schema, described["application/json"]["schema"], answer)


def check(schema, shape, value):
    whole = {**shape, "components": schema["components"]}
    errors = [error.message for error in Draft202012Validator(whole).iter_errors(value)]
    assert errors == []


def test_the_docs_page_runs_our_own_files_only(client, db):
    page = client.get("/api/docs/").content.decode()
    assert page.count("<script") == page.count('<script src="/')
    assert "<style" not in page
    assert "https://" not in page
    script = client.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")

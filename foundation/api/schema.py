"""The OpenAPI description, true to what the server does."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from foundation.api.problems import CONTENT_TYPE
from foundation.api.serializers import Input, PlainSerializer, RowSerializer
from foundation.api.views import Collection

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `errors` says what is wrong by field; a conflict tells the `current` values.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "current": {"type": "object", "additionalProperties": True},
        "attempted": {"type": "object", "additionalProperties": True},
    },
}
ALWAYS = {
    400: "Not understood",
    401: "Not signed in",
    404: "Not there",
    406: "No such format",
    429: "Too often",
}
WRITING = {403: "Not allowed", 409: "Changed meanwhile", 413: "Too large", 415: "Not JSON"}
POSTING = {422: "The key was used for another request"}
CONDITIONAL = {412: "Changed meanwhile"}
# What base classes promise to us says nothing to readers of the description.
OUR_WORDS = {cls.__doc__ for cls in (Input, RowSerializer, PlainSerializer)}
EMPTY = {"type": "string", "maxLength": 0}
METHODS = {"get", "post", "patch", "delete"}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "The same key with the same request acts once and gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


class ApiSchema(AutoSchema):
    """An act has a body of its own; what it answers with is the row."""

    def get_response_serializers(self) -> Any:
        """The row for what a collection says to have an input; else the library's guess."""
        view = self.view
        if isinstance(view, Collection) and view.action in view.inputs:
            return view.serializer_class
        return super().get_response_serializers()


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Post-processing: the problems of each operation, keys for POST, and bodies that take nothing else."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for path in result["paths"].values():
        for method, operation in path.items():
            if method in METHODS:
                _complete(operation, method)
    for name, schema in result["components"]["schemas"].items():
        if schema.get("description") in OUR_WORDS:
            del schema["description"]
        if name.endswith("Request") and schema.get("type") == "object":
            schema["additionalProperties"] = False
        for field in schema.get("properties", {}).values():
            if EMPTY in field.get("oneOf", ()):
                field["anyOf"] = field.pop("oneOf")  # formats are notes: an empty text would match both
    return result


def _complete(operation: dict[str, Any], method: str) -> None:
    problems = dict(ALWAYS)
    if method != "get":
        problems |= WRITING
    if method == "post":
        problems |= POSTING
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", [])):
        problems |= CONDITIONAL
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, words in problems.items():
        operation["responses"].setdefault(str(status), {"description": words, "content": content})

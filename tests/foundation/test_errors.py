import pickle

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from foundation.errors import Conflict, InvalidInput, NotAllowed, Refusal


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (Refusal, 400, "refused"),
        (InvalidInput, 400, "invalid"),
        (NotAllowed, 403, "not_allowed"),
        (Conflict, 409, "conflict"),
    ],
)
def test_each_refusal_has_its_status_and_code(kind, status, code):
    refusal = kind("No.")
    assert (refusal.status, refusal.code, refusal.field, refusal.message) == (status, code, None, "No.")
    assert isinstance(refusal, Refusal)


def test_a_refusal_names_its_reason_and_field():
    refusal = InvalidInput("Name a stage.", code="no_stage", field="stage")
    assert (refusal.code, refusal.field, str(refusal)) == ("no_stage", "stage", "Name a stage.")


def test_a_conflict_carries_both_sides():
    refusal = Conflict("Ana moved it first.", current={"stage": "Won"}, attempted={"stage": "Lost"})
    assert refusal.current == {"stage": "Won"}
    assert refusal.attempted == {"stage": "Lost"}


def test_words_are_translated_when_they_are_read():
    refusal = NotAllowed(gettext_lazy("Yes"))
    with translation.override("de"):
        assert refusal.message == "Ja"
    with translation.override("en"):
        assert refusal.message == "Yes"


def test_a_refusal_crosses_to_a_worker_whole():
    refusal = Conflict("No.", code="stale", field="version", current={"version": 3}, attempted={"version": 2})
    copy = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes
    assert (copy.message, copy.code, copy.field) == ("No.", "stale", "version")
    assert (copy.current, copy.attempted) == ({"version": 3}, {"version": 2})

"""What people did, as rows tell it: calls, meetings, tasks that are done."""

import re

from django.utils.translation import gettext as _

from apr.models import ActionType
from apr.services.actions import check_action
from exchange.importing.dialects.cells import YES, Cells
from exchange.importing.dialects.choices import REFUSE
from exchange.importing.records import ActionRecord
from foundation.errors import InvalidInput

DONE = frozenset(
    {"completed", "complete", "done", "closed", "held", "erledigt", "abgeschlossen", "completado", *YES}
)
CALL = re.compile(r"\b(call|anruf|llamada|phone)", re.IGNORECASE)
INBOUND = re.compile(r"inbound|incoming|eingehend|entrante", re.IGNORECASE)
# Words that other systems have for kinds of action that every installation begins with.
WORDS = {
    "e-mail": "email",
    "mail": "email",
    "meeting": "face_to_face",
    "event": "face_to_face",
    "appointment": "face_to_face",
    "visit": "face_to_face",
    "demo": "webinar",
}
MOST_MINUTES = 24 * 60
LONGEST_NOTE = 32_000


def action(row: Cells) -> ActionRecord | None:
    """An action, or None for what is wrong. What it was about may be unknown: it stays its owner's work."""
    if (status := row.text("status")) and status.casefold() not in DONE:
        words = _("“%(status)s”: only what has happened is an action.")
        row.complain("status", words % {"status": status[:40]})
    kind = kind_of_action(row)
    owner = row.names("people", "owner", "owner_id")
    if not owner and row.world.choices.owner:
        owner = f"@{row.world.choices.owner}"
    if not owner and not row.complaints.found:
        row.complain("owner", _("Nobody is named who did this. Choose who did what the file leaves open."))
    when = row.when("occurred") if row.text("occurred", needed=True) else None
    deal = _about(row, "deal_id", "deals")
    customer = row.names("customers", "customer", "customer_id") or _about(row, "deal_id", "customers", "#")
    partner = row.names("partners", "partner")
    minutes = _minutes(row)
    if row.complaints.found or kind is None or when is None:
        return None
    actor = row.world.person(owner)
    at = when.instant(actor.tzinfo)
    try:
        check_action(kind, actor, at, None, about=None)
    except InvalidInput as refusal:
        row.complain("occurred" if refusal.field == "occurred_at" else "type", refusal.message)
        return None
    subject, notes = row.text("subject", 500), row.values.get("notes", "")[:LONGEST_NOTE]
    return ActionRecord(
        external_id=row.identity(owner, at, subject, kind.key),
        action_type=kind.key,
        actor=owner,
        occurred_at=at,
        opportunity=deal,
        partner=partner,
        customer=customer,
        minutes=minutes,
        notes="\n".join(part for part in (subject, notes) if part),
    )


def kind_of_action(row: Cells) -> ActionType | None:
    """By the row's own word, else by the direction of a call, else the kind chosen for the file."""
    types, word, direction = row.world.action_types, row.text("type"), row.text("direction")
    said = row.world.choices.values.get("action_types", {}).get(word.casefold(), "")
    key = said if said and said != REFUSE else usual_key(word, direction)
    found = types.get(key.casefold()) if key else None
    if found is None and not word:
        found = types.get(row.world.choices.action_type)
    if found is None:
        reason = _("“%(value)s” is not known here.") % {"value": word[:60]}
        row.complain("type", reason if word else _("What kind of action these are is not chosen yet."))
    return found


def usual_key(word: str, direction: str) -> str:
    """The key of the action type that a word means in other systems, or the word itself."""
    if CALL.search(word) or (not word and direction):
        return "call_from" if INBOUND.search(direction) else "call_to"
    return WORDS.get(word.casefold(), word)


def _about(row: Cells, field: str, kind: str, prefix: str = "") -> str:
    """The id of a deal or customer where it is one that is known here; activities point at much else."""
    key = f"{prefix}{row.key(field)}".casefold()
    return key if key != prefix and getattr(row.world, kind).get(key) is not None else ""


def _minutes(row: Cells) -> int | None:
    minutes, seconds = row.whole("minutes"), row.whole("seconds")
    if minutes is None and seconds is not None:
        minutes = -(-seconds // 60)
    if minutes is not None and minutes > MOST_MINUTES:
        row.complain("minutes", _("No action takes longer than a day."))
    return minutes

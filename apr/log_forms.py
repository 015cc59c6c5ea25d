"""The sheet that one logs on: the line, the fields as they are understood, and what was set by hand.

The sheet remembers what it showed (`seen`). A field that comes back with another value was set by hand, and
stays; all others follow the line.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.forms import BoundField
from django.utils.translation import gettext as _

from accounts.models import User
from apr.drafts import Draft, draft_of
from apr.forms import FOUND, LogForm
from apr.models import ActionType
from apr.outlook import Outlook, outlook
from apr.shortcuts import new_key
from foundation.wording import day as as_day

LENGTHS = [("15m", 15), ("30m", 30), ("1h", 60)]
NAMED = ("action_type", *FOUND)
PLAIN = ("action_type", "occurred_on", "duration_minutes", "capacity", "notes", "advice")


@dataclass
class LogSheet:
    """What the form shows."""

    user: User
    line: str
    form: LogForm
    draft: Draft
    request_key: str
    came_from: str
    seen: str
    by_hand: str
    prefix: str
    page: str = ""

    @property
    def outlook(self) -> Outlook | None:
        """What saving will do."""
        return outlook(self.user, self.draft.values)

    @property
    def rows(self) -> list[tuple[BoundField, str]]:
        """The fields in their order, each with where its value is from; when and how long share a row. Only
        a coaching session has advice."""
        names = ["action_type", "counterpart", "opportunity", "occurred_on", "capacity", "partner", "notes"]
        kind = self.draft.values.get("action_type")
        if kind is not None and kind.is_coaching:
            names.append("advice")
        return [(self.form[name], self._source(name)) for name in names]

    @property
    def quick_days(self) -> list[tuple[str, date, bool]]:
        """Today, yesterday and the working day before, as buttons; the chosen one is marked."""
        today = self.user.today()
        days = [today, today - timedelta(days=1), today - timedelta(days=2 if today.weekday() != 0 else 3)]
        words = [_("today"), _("yesterday"), as_day(days[2])]
        return [
            (word, day, day == self.draft.values.get("occurred_on"))
            for word, day in zip(words, days, strict=True)
        ]

    @property
    def quick_lengths(self) -> list[tuple[str, int, bool]]:
        """Usual lengths as buttons."""
        chosen = self.draft.values.get("duration_minutes")
        return [(words, minutes, minutes == chosen) for words, minutes in LENGTHS]

    def _source(self, name: str) -> str:
        sources = [self.draft.sources.get(name, "")]
        if name == "occurred_on":
            sources.append(self.draft.sources.get("duration_minutes", ""))
        return ", ".join(filter(None, dict.fromkeys(sources)))


def sheet_from_page(user: User, query: Mapping[str, str], prefix: str = "log_") -> LogSheet:
    """An empty sheet, filled from the page that it was opened on (`?opportunity=`, `?partner=`,
    `?counterpart=`, `?action_type=`, `?line=`, `?from=`). What cannot be understood is passed over."""
    return _sheet(
        user,
        " ".join(query.get("line", "").split()),
        {},
        page={name: query[name] for name in NAMED if query.get(name)},
        by_hand=set(),
        came_from=query.get("from", ""),
        request_key=new_key(),
        prefix=prefix,
    )


def sheet_from_post(user: User, posted: Mapping[str, str]) -> LogSheet:
    """The sheet as it came back, with what was set by hand in its place and the rest read anew."""
    line = " ".join(posted.get("line", "").split())
    by_hand = set(filter(None, posted.get("by_hand", "").split(","))) | _changed(posted)
    values = _posted(posted)
    name, _colon, value = posted.get("set", "").partition(":")
    if name in LogForm.base_fields:  # a button that fills one field
        by_hand.add(name)
        values[name] = value
        values.pop(f"{name}_text", None)
    asked = LogForm(values, user=user)
    asked.full_clean()
    given = {
        name: (asked.cleaned_data[name] or None, _("as you set it"))
        for name in sorted(by_hand)
        if name in asked.cleaned_data
    }
    page = dict(parse_qsl(posted.get("page", "")))
    refused = {name: values for name in by_hand if name in asked.errors}
    return _sheet(
        user,
        line,
        given,
        page={name: page[name] for name in NAMED if name in page},
        by_hand=by_hand,
        came_from=posted.get("from", ""),
        request_key=posted.get("request_key", "")[:64] or new_key(),
        prefix="here_" if posted.get("prefix") == "here_" else "log_",
        kept={key: values[key] for name in refused for key in (name, f"{name}_text") if key in values},
    )


def _sheet(
    user: User,
    line: str,
    given: Mapping[str, tuple[Any, str]],
    *,
    page: Mapping[str, str],
    by_hand: set[str],
    came_from: str,
    request_key: str,
    prefix: str,
    kept: Mapping[str, str] | None = None,
) -> LogSheet:
    asked = LogForm(page, user=user)
    asked.full_clean()
    on_page = {name: asked.cleaned_data[name] for name in page if asked.cleaned_data.get(name) is not None}
    draft = draft_of(user, line, given, on_page, user.today())
    shown = _as_posted(draft) | dict(kept or {})
    return LogSheet(
        user=user,
        line=line,
        form=LogForm(shown, user=user, auto_id=f"{prefix}%s"),
        draft=draft,
        request_key=request_key,
        came_from=came_from,
        seen=json.dumps(shown, sort_keys=True),
        by_hand=",".join(sorted(by_hand)),
        prefix=prefix,
        page=urlencode(page),
    )


def _posted(posted: Mapping[str, str]) -> dict[str, str]:
    names = [*PLAIN, *FOUND, *(f"{name}_text" for name in FOUND)]
    return {name: posted[name] for name in names if name in posted}


def _changed(posted: Mapping[str, str]) -> set[str]:
    """The fields whose value is not the one that was shown. Without a record of that, all that are filled."""
    try:
        seen = json.loads(posted.get("seen", "{}"))
    except json.JSONDecodeError:
        seen = {}
    seen = seen if isinstance(seen, dict) else {}
    names = {*PLAIN, *(f"{name}_text" for name in FOUND)}
    changed = {name for name in names if posted.get(name, "").strip() != str(seen.get(name, "")).strip()}
    return {name.removesuffix("_text") for name in changed}


def _as_posted(draft: Draft) -> dict[str, str]:
    """The draft as the form would send it."""
    shown: dict[str, str] = {}
    fields = LogForm.base_fields
    for name, value in draft.values.items():
        if value is None:
            continue
        if name in FOUND:
            shown |= {name: str(value.pk), f"{name}_text": fields[name].label_of(value)}  # type: ignore[attr-defined]
        elif isinstance(value, ActionType):
            shown[name] = str(value.pk)
        else:
            shown[name] = value.isoformat() if isinstance(value, date) else str(value)
    return shown

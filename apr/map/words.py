"""What the map says: labels, and for every mark a sentence that holds all that is known of it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apr.involvement import VisitCover, is_at_the_ink
from foundation.wording import day, initials, month_name, number, short_day

from .scale import Scale
from .sheet import shortened
from .story import Act, Block, Story, Word


@dataclass(frozen=True)
class Note:
    """What a number of the tall map stands for; `late` says in a word that it was, or is."""

    number: int
    name: str
    late: str
    when: str


@dataclass(frozen=True)
class Said:
    """A mark in full: its name, and what more is known."""

    title: str
    rest: str


# --- beside and above the lanes ----------------------------------------------------------------------


def lane_labels(story: Story) -> list[tuple[float, str, str, str]]:
    """Base line, title, note and colour of each label of the wide map."""
    names = story.names
    kind = names.partner_kind.lower()
    partner = _("partner, %(kind)s") % {"kind": kind} if names.partner else _("nobody yet")
    return [
        (45, _("Stage"), _("days of expected"), ""),
        (80, _("Covered by PM"), "", ""),
        (115, names.partner or _("Partner"), partner, ""),
        (165, names.pm or _("Partner manager"), _("partner manager") if names.pm else _("nobody yet"), "pm"),
        (219, names.ae or _("Account executive"), _("account executive") if names.ae else _("nobody"), "ae"),
        (287, _("Obstacles"), _("bar to clearing, | due"), ""),
        (341, _("Promises"), _("at their due date"), ""),
        (406, _("At the ink"), "", ""),
    ]


def column_heads(story: Story) -> list[tuple[float, str, list[str], str, float]]:
    """Place, anchor, title with shorter ways to write it, colour and room of each head of the tall map. Of
    people the first name; where a column has no room even for its beginning, the initials."""
    names = story.names
    return [
        (34, "start", shortened(_("Stage")), "", 70),
        (133, "middle", _first_name(names.partner) or [_("Partner")], "quiet-name", 53),
        (180, "middle", _first_name(names.pm) or [_("PM")], "pm", 38),
        (217, "middle", _first_name(names.ae) or [_("AE")], "ae", 34),
        (267, "middle", shortened(pgettext("short", "Obstacles")), "", 66),
        (364, "end", shortened(pgettext("short", "Promises")), "", 64),
    ]


def _first_name(name: str) -> list[str]:
    first = first_word(name)
    return [*shortened(first), initials(name)] if first else []


def first_word(name: str) -> str:
    """Nora of Nora Lindqvist."""
    return name.split()[0] if name.strip() else ""


def today_label() -> str:
    """Above the dotted line."""
    return _("Today")


def ink_label(story: Story) -> str:
    """Above the solid line: the ink, or that the deal was lost."""
    when = short_day(story.ink_on) if story.ink_on else ""
    return (_("Lost %(day)s") if story.status == "lost" else _("Ink %(day)s")) % {"day": when}


def month(first: date, scale: Scale) -> str:
    """The month's short name, with the year where it is another than before."""
    begins_year = first.month == 1 and first != scale.start
    return month_name(first) + (f" {first.year}" if begins_year else "")


# --- on the visits and the silences ------------------------------------------------------------------


def days_in_stage(cover: VisitCover) -> list[str]:
    """`26 of 20`, or shorter."""
    days = number(cover.days)
    if cover.visit.expected_days is None:
        return [days]
    return [_("%(days)s of %(expected)s") % {"days": days, "expected": cover.visit.expected_days}, days]


def covered(cover: VisitCover) -> list[str]:
    """What stands under a visit, and shorter ways to say it."""
    if cover.is_covered:
        count = number(cover.pm_actions)
        actions = ngettext("✓ %(count)s action", "✓ %(count)s actions", cover.pm_actions) % {"count": count}
        return [actions, f"✓ {count}", "✓"]
    if not cover.is_counted:
        return []
    return [_("none yet"), _("none")] if cover.visit.is_running else [_("no PM"), _("no")]


def over(days: int) -> str:
    """`6 over`."""
    return _("%(days)s over") % {"days": number(days)}


def gap(days: int) -> list[str]:
    """Above a dimension line."""
    return [
        ngettext("%(days)s day", "%(days)s days", days) % {"days": number(days)},
        days_short(days),
        number(days),
    ]


def days_short(days: int) -> str:
    """`15 d`."""
    return _("%(days)s d") % {"days": number(days)}


def still_running() -> list[str]:
    """Below the dimension line of a silence that lasts."""
    return [_("silent, still running"), _("still silent"), silent()]


def silent() -> str:
    """Below the days of a silence."""
    return _("silent")


# --- obstacles, promises, the ink --------------------------------------------------------------------


def late_obstacle(block: Block) -> str:
    """Beside the hatch."""
    return _("cleared late") if block.cleared_on else _("late")


def note(at: int, block: Block, story: Story) -> Note:
    """The obstacle beneath the tall map."""
    late = late_obstacle(block) if block.is_late(story.today) else ""
    if block.cleared_on:
        when = short_day(block.cleared_on)
        when = when if late else _("cleared %(day)s") % {"day": when}
    else:
        when = _("due %(day)s") % {"day": short_day(block.due_on)} if block.due_on else _("open")
    return Note(at, block.name, late, when)


def outcome_beside(word: Word) -> str:
    """What stands beside a promise; nothing where it was kept or is open."""
    return {"late": _("late"), "broken": _("broken")}.get(word.outcome, "")


def acts_at_the_ink(story: Story) -> list[Act]:
    """The partner manager's actions in the 14 days up to the close."""
    return [act for act in story.acts if act.is_pm and is_at_the_ink(act.day, story.ink_on)]


def at_the_ink(story: Story) -> tuple[str, str]:
    """What stands before the box of the last 14 days: of what it tells, and what."""
    count = len(acts_at_the_ink(story))
    if count:
        said = ngettext("%(count)s action", "%(count)s actions", count) % {"count": number(count)}
    else:
        said = _("no partner manager yet") if story.is_open else _("no partner manager")
    return _("the 14 days before the ink:"), said


# --- the read-out ------------------------------------------------------------------------------------


def of_act(act: Act) -> Said:
    """`Joint deal review`, and `Fri 14 Aug · Nora with Ana Kovač · 2 points, confirmed by Ana`."""
    others = [other for other in (act.partner, act.counterpart) if other]
    who = act.actor
    if others:
        both = _(" and ").join(others)
        who = _("%(name)s with %(others)s") % {"name": first_word(act.actor), "others": both}
    points = ngettext("%(points)s point", "%(points)s points", act.points) % {"points": number(act.points)}
    if answer := confirmation(act):
        points += f", {answer}"
    return Said(act.title, f"{day(act.day)} · {who} · {points}")


def confirmation(act: Act) -> str:
    """What the counterpart said of it; nothing where they said nothing."""
    name = {"name": first_word(act.counterpart)}
    if act.is_confirmed:
        return _("confirmed by %(name)s") % name
    return _("disputed by %(name)s") % name if act.is_disputed else ""


def of_visit(cover: VisitCover) -> Said:
    """A stay in a stage: when, how long of how long, who was there."""
    visit = cover.visit
    until = _("today") if visit.ends_on is None else short_day(visit.ends_on)
    dates = _("%(start)s to %(end)s") % {"start": short_day(visit.starts_on), "end": until}
    days = ngettext("%(days)s working day", "%(days)s working days", cover.days) % {
        "days": days_in_stage(cover)[0]
    }
    if cover.over:
        days += ", " + over(cover.over)
    acts = _("PM %(pm)s, AE %(ae)s actions") % {
        "pm": number(cover.pm_actions),
        "ae": number(cover.ae_actions),
    }
    return Said(visit.stage, f"{dates} · {days} · {acts}")


def of_block(block: Block, story: Story) -> Said:
    """An obstacle: who raised it when, when it is due, how it ended."""
    parts = [_("raised %(day)s by %(name)s") % {"day": short_day(block.raised_on), "name": block.raised_by}]
    if block.due_on:
        parts.append(_("due %(day)s") % {"day": short_day(block.due_on)})
    if block.cleared_on:
        name = {"day": short_day(block.cleared_on), "name": block.cleared_by}
        parts.append(_("cleared %(day)s by %(name)s") % name)
    else:
        parts.append(_("open"))
    if block.is_late(story.today):
        parts[-1] += ", " + _("late")
    return Said(block.name, " · ".join(parts))


def of_word(word: Word) -> Said:
    """A promise: whose, to whom, when due, how it ended."""
    who = _("%(by)s to %(to)s") % {"by": word.by, "to": word.to} if word.to else word.by
    due = _("due %(day)s") % {"day": day(word.due_on)}
    return Said(word.text, f"{who} · {due} · {outcome(word)}")


def outcome(word: Word) -> str:
    """How a promise ended."""
    words = {"open": _("open"), "kept": _("kept"), "late": _("kept late"), "broken": _("broken")}
    return words[word.outcome]

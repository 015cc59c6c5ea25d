"""Charts as tags. Every one says itself in words, and none needs a script."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django import template
from django.utils.translation import gettext as _

from foundation import charts
from foundation.charts import Column, Number, Run, share
from foundation.line_charts import draw_lines
from foundation.wording import number, percent

register = template.Library()
WIDE = 1080  # of a panel over the whole page
PANEL_WIDTH = 366  # of the column beside the page, and of a phone


@register.inclusion_tag("charts/bullet.html")
def bullet(
    value: Number,
    target: Number,
    expected: Number | None = None,
    raw: Number | None = None,
    whose: str = "",
    label: str = "",
    css: str = "",
) -> dict[str, Any]:
    """Value as bar, expected so far as triangle, target as rule; raw beyond counted is outlined."""
    top = max(value, target, raw or 0, expected or 0)
    return {
        "value": share(value, top),
        "over": share((raw or value) - value, top),
        "target": share(target, top) if target else None,
        "expected": None if expected is None else share(expected, top),
        "whose": whose,
        "css": css,
        "label": label or _("%(value)s of %(target)s") % {"value": number(value), "target": number(target)},
    }


@register.inclusion_tag("charts/bars.html")
def bars(rows: Iterable[dict[str, Any]], whose: str = "") -> dict[str, Any]:
    """A bar per row on one scale: `{"label", "value"}` and perhaps `"raw"`, `"shown"`, `"url"`."""
    listed = list(rows)
    top = max((row.get("raw") or row["value"] for row in listed), default=0)
    drawn = [
        {
            **row,
            "shown": row.get("shown") or number(row["value"]),
            "width": share(row["value"], top) * 0.85,
            "over": share((row.get("raw") or row["value"]) - row["value"], top) * 0.85,
        }
        for row in listed
    ]
    return {"rows": drawn, "whose": whose}


@register.inclusion_tag("charts/run.html")
def run(
    run: Run,
    days: Sequence[tuple[int, str]],
    label: str,
    whose: str = "",
    width: int = PANEL_WIDTH,
    is_over: bool = False,
) -> dict[str, Any]:
    """Running total against expected and target; `days` are (step, text) for the axis, also of the table.

    A `width` beyond that of the side column is for the desk; the phone gets its own drawing. Of a run that
    `is_over` there is no today, and nothing was expected by yesterday.
    """
    words = (
        _("in all") if is_over else _("today"),
        "" if is_over else _("expected by yesterday"),
        _("Target"),
    )
    drawings = {"both": charts.draw_run(run, days=days, words=words)}
    if width > PANEL_WIDTH:
        wide = charts.draw_run(run, days=days, words=words, width=width)
        drawings = {"for-desk": wide, "for-phone": drawings["both"]}
    return {"drawings": drawings, "rows": _table(run, days), "label": label, "whose": whose}


def _table(run: Run, days: Sequence[tuple[int, str]]) -> list[tuple[str, str, str]]:
    """The steps that the axis names, and today: step, achieved, expected."""
    last = len(run.achieved) - 1
    rows = []
    for step, text in days:
        achieved = number(run.achieved[step]) if step <= last else "–"
        rows.append((text, achieved, number(run.expected[step]) if step < len(run.expected) else "–"))
    return rows


@register.inclusion_tag("charts/small_runs.html")
def small_runs(
    rows: Iterable[dict[str, Any]], days: Sequence[tuple[int, str]], whose: str = ""
) -> dict[str, Any]:
    """Small multiples on one scale, in the order given: `{"name", "run", "shown", "status", "url"}`."""
    listed = list(rows)
    top = max((row["run"].top for row in listed), default=1)
    drawn = [{**row, "chart": charts.draw_small_run(row["run"], top=top, days=days)} for row in listed]
    return {"rows": drawn, "whose": whose}


@register.inclusion_tag("charts/columns.html")
def columns(columns: Sequence[Column], label: str, whose: str = "") -> dict[str, Any]:
    """A column per period against its target, with the table behind it."""
    return {
        "marks": charts.draw_columns(columns),
        "columns": columns,
        "label": label,
        "whose": whose,
    }


@register.inclusion_tag("charts/part.html")
def part_bar(part: Number, whole: Number, top: Number, label: str = "", whose: str = "") -> dict[str, Any]:
    """A whole and its dark part on a scale common to several, such as weighted and full amount of a stage."""
    return {"part": share(part, top), "whole": share(whole, top), "label": label, "whose": whose}


@register.inclusion_tag("charts/funnel.html")
def funnel(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Stages under one another: `{"label", "count", "amount", "weighted", "shown", "note", "url"}`."""
    listed = list(rows)
    return {"rows": listed, "top": max((row["amount"] for row in listed), default=0)}


@register.inclusion_tag("charts/days.html")
def days_bar(spent: int, expected: int, top: int = 0) -> dict[str, Any]:
    """Working days in a stage against those expected; hatched beyond.

    `top` is a scale common to several bars; one that goes beyond it is cut there.
    """
    top = max(top or spent, expected)
    return {
        "spent": share(min(spent, expected), top),
        "expected": share(expected, top),
        "over": share(max(min(spent, top) - expected, 0), top),
        "label": _("%(spent)s of %(expected)s days") % {"spent": spent, "expected": expected},
    }


@register.inclusion_tag("charts/cells.html")
def cells(done: int, still: int, missed: int, whose: str = "", label: str = "") -> dict[str, Any]:
    """One cell for each thing counted: filled is done, dashed can still be done, grey is missed.

    The partner manager's cells grow to the left, everybody else's to the right.
    """
    states = ["done"] * done + ["still"] * still + ["missed"] * missed
    if whose == "pm":
        states.reverse()
    return {"cells": states, "whose": whose, "label": label}


@register.inclusion_tag("charts/spark.html")
def sparkline(values: Sequence[Number], label: str, whose: str = "") -> dict[str, Any]:
    """A small line from zero for beside a figure; `label` says it in words."""
    return {"path": charts.spark_path(values), "label": label, "whose": whose}


@register.inclusion_tag("charts/lines.html")
def two_lines(
    solid: Sequence[Number],
    dashed: Sequence[Number],
    steps: Sequence[tuple[int, str]],
    words: tuple[str, str],
    head: str,
    label: str,
    mark: int | None = None,
    per_cent: bool = False,
) -> dict[str, Any]:
    """Two lines over the same steps, with the steps that are named as a table; `head` says what they are."""
    drawings = {
        size: draw_lines(solid, dashed, steps=steps, words=words, mark=mark, per_cent=per_cent, width=width)
        for size, width in (("for-desk", WIDE), ("for-phone", PANEL_WIDTH))
    }
    say: Callable[[Number], str] = percent if per_cent else partial(number, decimals=2)
    rows = [(text, say(solid[step]), say(dashed[step])) for step, text in steps]
    return {"drawings": drawings, "rows": rows, "head": [head, *words], "label": label}

"""The dialects that files come in: which columns each kind of file has, and what a row of it means."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.importing.cells import Row
from exchange.importing.presets import maven, own
from exchange.importing.records import Record
from exchange.importing.world import World
from foundation.errors import InvalidInput

KINDS: dict[str, Promise] = {
    "teams": _("Teams and their people"),
    "people": _("People"),
    "partners": _("Partners"),
    "customers": _("Customers"),
    "opportunities": _("Opportunities"),
    "actions": _("Actions"),
}


@dataclass(frozen=True)
class Layout:
    """One kind of file: the columns it must have, and how a row becomes a record (None where it is wrong)."""

    required: tuple[str, ...]
    record: Callable[[Row, World, str], Record | None]


@dataclass(frozen=True)
class Preset:
    """A dialect. `source` marks the rows it brings, `currency` is that of amounts without one."""

    key: str
    name: str | Promise
    source: str
    currency: str
    layouts: dict[str, Layout]


PRESETS = {
    "partnerhub": Preset(
        "partnerhub",
        _("PartnerHub’s own columns"),
        "file",
        "",
        {kind: Layout(*layout) for kind, layout in own.LAYOUTS.items()},
    ),
    "maven": Preset(
        "maven",
        "Maven CRM Sales Opportunities",
        "maven",
        "USD",
        {kind: Layout(*layout) for kind, layout in maven.LAYOUTS.items()},
    ),
}


def layout_of(preset: str, kind: str) -> tuple[Preset, Layout]:
    """The dialect and layout of these names; raises InvalidInput for a pair that does not exist."""
    chosen = PRESETS.get(preset)
    if chosen is None:
        raise InvalidInput(_("There is no preset “%(name)s”.") % {"name": preset}, field="preset")
    layout = chosen.layouts.get(kind)
    if layout is None:
        kinds = ", ".join(chosen.layouts)
        reason = _("This preset does not bring %(kind)s. It brings: %(kinds)s.")
        raise InvalidInput(reason % {"kind": kind, "kinds": kinds}, field="kind")
    return chosen, layout

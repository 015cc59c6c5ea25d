"""The first reading of a file: what its columns are, how its dates and amounts read, whom it names.

What the file itself proves is taken; what can be read in two ways, and names that nobody knows, become
questions to a person.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from accounts.models import Organisation
from exchange.importing.dialects.cells import identity_of
from exchange.importing.dialects.choices import Choices
from exchange.importing.dialects.directory import Directory
from exchange.importing.dialects.header import (
    find_table,
    fingerprint,
    is_tail,
    match_columns,
    missing_fields,
)
from exchange.importing.dialects.sheets import sheet_names
from exchange.importing.dialects.systems import DIALECTS
from exchange.importing.dialects.values import (
    DAY_FIRST,
    POINT,
    Evidence,
    code_of,
    orders_of,
    sign_fits,
    split_amount,
    styles_of,
)
from exchange.models import ImportMapping

DATES = frozenset({"opened", "close", "expected_close", "closed", "since", "occurred", "at"})
NAMES: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "opportunities": {
        "people": (("owner", "owner_id"), ("partner_manager", "")),
        "customers": (("customer", "customer_id"),),
        "partners": (("partner", ""),),
        "stages": (("stage", ""),),
    },
    "actions": {
        "people": (("owner", "owner_id"),),
        "customers": (("customer", "customer_id"),),
        "partners": (("partner", ""),),
    },
}
SAMPLES = 3
# More unknown names than this are not chosen one by one.
MOST_NAMES = 100
MOST_COUNTED = 20_000


@dataclass
class Survey:
    """What a file holds, and which questions it leaves to a person. Kept with its run."""

    columns: list[dict[str, Any]] = field(default_factory=list)
    header: str = ""
    header_line: int = 1
    rows: int = 0
    sheets: list[str] = field(default_factory=list)
    date_samples: list[str] = field(default_factory=list)
    amount_samples: list[str] = field(default_factory=list)
    signs: list[str] = field(default_factory=list)
    unknown: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    unknown_count: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For the table of runs."""
        return asdict(self)


def take_survey(
    content: bytes, *, kind: str, preset: str, currency: str, choices: Choices, history: bytes = b""
) -> Survey:
    """Reads the whole file once and fills in the choices that it proves or that were kept for its header.

    Raises FileRefused for what cannot be read as a table at all.
    """
    known = {column for mapping in ImportMapping.objects.filter(kind=kind) for column in mapping.columns}
    table = find_table(content, preset, kind, choices.sheet, sorted(known))
    survey = Survey(
        header=fingerprint(table.columns), header_line=table.header_line, sheets=sheet_names(content)
    )
    _remember(kind, survey.header, choices)
    if not choices.columns:
        choices.columns = match_columns(table.columns, preset, kind)
    survey.missing = missing_fields(kind, choices.columns)
    samples: dict[str, list[str]] = {column: [] for column in table.columns}
    dates, amounts, signs = Evidence(), Evidence(), Counter[str]()
    names: dict[str, Counter[tuple[str, str]]] = {one: Counter() for one in NAMES.get(kind, {})}
    words: Counter[str] = Counter()
    for line in table.rows:
        if is_tail(line.cells, len(table.columns)):
            continue
        survey.rows += 1
        told = dict(zip(table.columns, line.cells, strict=False))
        _sample(samples, told)
        fields = {one: told.get(column, "") for column, one in choices.columns.items()}
        _hear(fields, dates, amounts, signs)
        _count(kind, fields, names, words)
    survey.columns = [{"name": name, "samples": samples[name]} for name in table.columns]
    _settle(survey, choices, dates, amounts)
    survey.signs = [sign for sign in signs if not sign_fits(sign, currency)]
    _hear_history(history, preset, names)
    _ask(survey, kind, preset, choices, names, words)
    return survey


def _remember(kind: str, header: str, choices: Choices) -> None:
    """Decisions about an earlier file of the same header, where this one has none of its own."""
    kept = ImportMapping.objects.filter(kind=kind, header=header).first()
    if kept is None or choices.columns:
        return
    for name, value in kept.choices.items():
        if name != "sheet" and not getattr(choices, name, True):
            setattr(choices, name, value)


def _sample(samples: dict[str, list[str]], told: Mapping[str, str]) -> None:
    for column, cell in told.items():
        if cell and len(samples[column]) < SAMPLES and cell[:60] not in samples[column]:
            samples[column].append(cell[:60])


def _hear(fields: Mapping[str, str], dates: Evidence, amounts: Evidence, signs: Counter[str]) -> None:
    for one in DATES & fields.keys():
        if fields[one]:
            dates.hear(orders_of(fields[one]), fields[one][:30])
    if amount := fields.get("amount"):
        amounts.hear(styles_of(amount), amount[:30])
        if not fields.get("currency"):
            try:
                sign = split_amount(amount).sign
            except ValueError:
                return  # the row is refused with its reason later
            if sign and len(signs) < SAMPLES:
                signs[sign] += 1


def _count(
    kind: str, fields: Mapping[str, str], names: dict[str, Counter[tuple[str, str]]], words: Counter[str]
) -> None:
    for what, pairs in NAMES.get(kind, {}).items():
        for name_field, id_field in pairs:
            pair = (" ".join(fields.get(name_field, "").split()), " ".join(fields.get(id_field, "").split()))
            if any(pair) and (pair in names[what] or len(names[what]) < MOST_COUNTED):
                names[what][pair] += 1
    if kind == "actions" and len(words) < MOST_NAMES:
        words[fields.get("type", "")] += 1


def _settle(survey: Survey, choices: Choices, dates: Evidence, amounts: Evidence) -> None:
    choices.dates = dates.settle(choices.dates, DAY_FIRST)
    choices.numbers = amounts.settle(choices.numbers, POINT)
    if not choices.dates:
        survey.date_samples = dates.samples
        survey.questions.append("dates")
    if not choices.numbers:
        survey.amount_samples = amounts.samples
        survey.questions.append("numbers")


def _hear_history(history: bytes, preset: str, names: dict[str, Counter[tuple[str, str]]]) -> None:
    """The stages that the history of the deals names are asked for with the others."""
    if not history:
        return
    table = find_table(history, preset, "history")
    columns = match_columns(table.columns, preset, "history")
    place = next((table.columns.index(column) for column, one in columns.items() if one == "stage"), None)
    for line in table.rows:
        if place is not None and len(line.cells) > place and not is_tail(line.cells, len(table.columns)):
            names["stages"][(" ".join(line.cells[place].split()), "")] += 1


def _ask(
    survey: Survey,
    kind: str,
    preset: str,
    choices: Choices,
    names: dict[str, Counter[tuple[str, str]]],
    words: Counter[str],
) -> None:
    """Lists what nobody knows here, and turns what is not decided into questions."""
    world = Directory(preset, DIALECTS[preset], choices)
    if "stages" in names:
        _choose_funnel(world, names["stages"], choices)
    for what, counted in names.items():
        unknown: Counter[str] = Counter()
        for (name, identity), count in counted.items():
            if not world.knows(what, name, identity_of(identity, preset)):
                unknown[name or identity] += count
        if unknown:
            survey.unknown[what] = unknown.most_common(MOST_NAMES)
            survey.unknown_count[what] = len(unknown)
            if what not in choices.unknown:
                survey.questions.append(what)
    if kind == "actions":
        _ask_about_actions(survey, world, choices, words)
    if survey.missing:
        survey.questions.insert(0, "columns")
    if survey.signs:
        survey.questions.append("currency")


def _choose_funnel(world: Directory, counted: Counter[tuple[str, str]], choices: Choices) -> None:
    """The funnel where deals of this source are already, else the default one if it has all these stages."""
    if choices.funnel:
        return
    here = world.funnel_of_source()
    if here:
        choices.funnel = here
    elif not all(world.funnel.knows(name) for name, _identity in counted if name):
        choices.funnel = world.funnel.own_name
    else:
        choices.funnel = world.funnel.name
    if choices.funnel == world.funnel.own_name:
        choices.unknown.setdefault("stages", "create")
    world.take_funnel()


def _ask_about_actions(survey: Survey, world: Directory, choices: Choices, words: Counter[str]) -> None:
    from exchange.importing.dialects.actions import usual_key

    told = set(choices.columns.values())
    unknown = [
        (word, count)
        for word, count in words.most_common()
        if word
        and usual_key(word, "").casefold() not in world.action_types
        and word.casefold() not in choices.values.get("action_types", {})
    ]
    if unknown:
        survey.unknown["action_types"] = unknown
        survey.unknown_count["action_types"] = len(unknown)
        if "action_types" not in choices.unknown:
            survey.questions.append("action_types")
    if "" in words and not told & {"direction"} and not choices.action_type:
        survey.questions.append("action_type")
    if not told & {"owner", "owner_id"} and not choices.owner:
        survey.questions.append("owner")


def usual_currency(signs: list[str]) -> str:
    """What the signs of a file most likely mean: a proposal, for a person to confirm."""
    if len(signs) != 1:
        return Organisation.current().reporting_currency
    return code_of(signs[0]) or {"$": "USD", "kr": "SEK", "¥": "JPY"}.get(
        signs[0], Organisation.current().reporting_currency
    )

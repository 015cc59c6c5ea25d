"""The product's wording in other languages: what there is to say, and the catalogues in `locale/`.

People write the `.po`; the `.mo` beside it is what runs. Both are committed, so that a clone needs no tool to
speak every language. `manage.py catalogues` brings them up to date.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS = {
    **dict.fromkeys(("_", "_t", "lazy", "gettext", "gettext_lazy")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    "npgettext": ((1, "c"), 2, 3),
}
# allauth has words for these, but speaks to people as we do not, and not always of the same things.
BORROWED = ("account", "mfa", "usersessions")
WIDTH = 110
HEAD = "# The wording of PartnerHub; docs/languages.md says how it comes to be, and which terms it keeps to."


def languages() -> list[str]:
    """The languages that need a catalogue: all but the one in which the product is written."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def path_of(language: str) -> Path:
    """Where the catalogue of a language lies."""
    folder: Path = settings.LOCALE_PATHS[0]
    return folder / language / "LC_MESSAGES" / "django.po"


def wording() -> Catalog:
    """Everything the product says through gettext, with the files that say it."""
    found = Catalog()
    for path, place in _sources():
        source = path.read_text()
        method = "python"
        if path.suffix != ".py":
            # What Django makes of a template for gettext is calls among X's: no Python, but words and calls.
            source, method = templatize(source, place), "javascript"
        lines = BytesIO(source.encode())
        for _line, message, _comments, context in extract(method, lines, KEYWORDS, (), {"encoding": "utf-8"}):
            found.add(message, context=context, locations=[(place, 0)])
    return found


def _sources() -> Iterator[tuple[Path, str]]:
    """Every file that speaks, and its name: ours, and those of allauth's whose pages and letters we use."""
    here = Path(settings.BASE_DIR)
    templates = here / "templates"
    own = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == here]
    yield from ((path, _name(path, here)) for folder in sorted(own) for path in _files(folder, {".py"}))
    yield from ((path, _name(path, here)) for path in _files(templates, {".html", ".txt"}))
    for label in BORROWED:
        app = Path(apps.get_app_config(label).path)
        yield from ((path, _name(path, app.parents[1])) for path in _files(app, {".py"}))
        theirs = app.parent / "templates"
        for path in _files(theirs / label, {".html", ".txt"}):
            if not (templates / path.relative_to(theirs)).exists():  # else ours is shown in its place
                yield path, _name(path, app.parents[1])


def _files(folder: Path, suffixes: set[str]) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in suffixes)


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def read(language: str) -> Catalog:
    """The catalogue of a language as it is written; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="PartnerHub", header_comment=HEAD, fuzzy=False)
    with path.open("rb") as written:
        return read_po(written, locale=language)


def update(language: str, words: Catalog) -> int:
    """Writes a catalogue down anew: with all that is said now, less what is not said any more.

    Returns how many texts wait for a translation.
    """
    catalogue, path = read(language), path_of(language)
    catalogue.update(words, no_fuzzy_matching=True, update_creation_date=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as written:
        write_po(written, catalogue, width=WIDTH, ignore_obsolete=True, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compiled(read(language)))
    return sum(not is_translated(message) for message in catalogue if message.id)


def is_translated(message: Message) -> bool:
    """Whether all forms of it are there, and nobody has doubts."""
    forms = [message.string] if isinstance(message.string, str) else message.string or [""]
    return all(forms) and not message.fuzzy


def compiled(catalogue: Catalog) -> bytes:
    """What runs: what is translated, as gettext reads it. The rest is said in English."""
    whole = Catalog(locale=catalogue.locale, creation_date=catalogue.creation_date)
    for message in catalogue:
        if message.id and is_translated(message):
            whole[message.id] = message
    target = BytesIO()
    write_mo(target, whole)
    return target.getvalue()

"""How a reader's language writes numbers and dates."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError


@lru_cache(maxsize=64)
def babel_locale(code: str) -> Locale:
    """Babel's locale for Django's spelling of it (`en-gb`) or the other one (`en_GB`).

    A language that Unicode CLDR has no data on gets English notation.
    """
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")

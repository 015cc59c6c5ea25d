"""Cells for files that people open in a spreadsheet, where some text would run."""

# A cell that begins so is a formula to a spreadsheet; an apostrophe makes it text again.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: object) -> object:
    """A value as it may stand in a file: nothing for None, and no text that begins like a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value

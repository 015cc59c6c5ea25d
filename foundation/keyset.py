"""Pages of a long list that cost the same however far one reads, and do not shift when rows are added."""

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


def page_after(rows: QuerySet[Row], last: str, size: int, by: str = "occurred_at") -> tuple[list[Row], bool]:
    """The `size` rows behind the one with the key `last`, or the first ones; and whether more follow.

    `rows` are in descending order of the time `by`, then of their key. A `last` that is not among them begins
    at the top.
    """
    behind = rows.filter(pk=int(last)).values_list(by, flat=True).first() if last.isdecimal() else None
    if behind is not None:
        rows = rows.filter(Q(**{f"{by}__lt": behind}) | Q(**{by: behind, "pk__lt": int(last)}))
    found = list(rows[: size + 1])
    return found[:size], len(found) > size

"""Lists come in pages by cursor, in the order in which rows were made: new rows never move old ones."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

LAST_ID = 2**63


class CursorPages(CursorPagination):
    """`{"next", "previous", "results"}`; `?page_size=` up to 200."""

    ordering = "id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """What was asked for, at most 200; ValidationError if that is not a number from 1 up."""
        asked = request.query_params.get("page_size")
        if asked is not None and not (asked.isascii() and asked.isdigit() and int(asked[:9]) > 0):
            raise ValidationError({"page_size": [_("Write a number from 1 to 200.")]})
        return super().get_page_size(request) or self.page_size

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place in the list; ValidationError if the cursor is not one of ours."""
        try:
            cursor: Cursor | None = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None and not 0 <= int(cursor.position) < LAST_ID:
                raise ValueError(cursor.position)
        except (NotFound, ValueError) as error:
            raise ValidationError({"cursor": [_("Follow the links next and previous.")]}) from error
        return cursor

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page in the OpenAPI description."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


class RowPages(CursorPages):
    """The same pages of rows that are reckoned and no table has: the cursor is a place in their order."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page asked for; ValidationError if the cursor is not one of ours."""
        rows: Sequence[Any] = queryset
        asked = request.query_params.get(self.cursor_query_param, "0")
        if not (asked.isascii() and asked.isdigit() and int(asked[:9]) <= len(rows)):
            raise ValidationError({"cursor": [_("Follow the links next and previous.")]})
        self.start, self.size, self.count = int(asked), self.get_page_size(request), len(rows)
        self.here = request.build_absolute_uri()
        return list(rows[self.start : self.start + self.size])

    def get_next_link(self) -> str | None:
        """The page after this one."""
        return self._link(self.start + self.size) if self.start + self.size < self.count else None

    def get_previous_link(self) -> str | None:
        """The page before this one."""
        return self._link(max(self.start - self.size, 0)) if self.start else None

    def _link(self, start: int) -> str:
        link: str = replace_query_param(self.here, self.cursor_query_param, start)
        return link

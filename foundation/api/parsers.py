"""How a body is read: JSON in UTF-8, whatever the request says."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class JsonParser(BaseParser):
    """JSON by RFC 8259. What nests too deep to be read is as wrong as a missing bracket."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value in the body; ParseError where it is none."""
        try:
            return json.loads(stream.read().decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not JSON in UTF-8.")) from error


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")

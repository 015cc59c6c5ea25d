"""The refusals: an act that the product declines, with words for the person who tried it.

Services raise them; each door (page, API, command, task) translates them once, at its edge.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """An act was declined and nothing was changed.

    `message` says what is wrong and what to do, in the reader's language; `code` names the reason for
    programs; `field` is the input at fault, or None where no single one is.
    """

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = "refused"

    def __init__(self, message: str | Promise, code: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self._message = message
        self.code = code or self.default_code
        self.field = field

    @property
    def message(self) -> str:
        """The words, translated at the moment they are read."""
        return str(self._message)

    def __str__(self) -> str:
        return self.message


class InvalidInput(Refusal):
    """What was given cannot be understood or breaks a rule."""

    default_code = "invalid"


class NotAllowed(Refusal):
    """The person may see this and may not do that."""

    status = 403
    default_code = "not_allowed"


class Conflict(Refusal):
    """Somebody else changed it first. Both sides are kept, so that the person can choose.

    `current` holds the values as they stand, `attempted` those that were refused, by field name.
    """

    status = 409
    default_code = "conflict"

    def __init__(
        self,
        message: str | Promise,
        code: str = "",
        field: str | None = None,
        *,
        current: Mapping[str, object] | None = None,
        attempted: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code, field)
        self.current = dict(current or {})
        self.attempted = dict(attempted or {})

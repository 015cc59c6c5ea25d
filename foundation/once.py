"""Reading the same thing once while a page is made, however many parts of the page ask for it."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

Answer = TypeVar("Answer")
_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Within it `once` remembers. Only for work that writes nothing: nothing remembered can go stale then."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once(key: Hashable, read: Callable[[], Answer]) -> Answer:
    """The answer to `read`, asked for once per page; outside a page it is asked for each time."""
    answers = _answers.get()
    if answers is None:
        return read()
    if key not in answers:
        answers[key] = read()
    return cast("Answer", answers[key])


def remember(key: Hashable, answer: object) -> None:
    """Keeps an answer that came along with another one, for who asks `once` on the same page."""
    answers = _answers.get()
    if answers is not None:
        answers[key] = answer

"""Who is at work, through which door and from which network, for everything that is recorded meanwhile."""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

PREFIXES = {4: 24, 6: 48}  # of an address only the network is kept
INSIDE = [
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10",
    )
]  # fmt: skip


@dataclass(frozen=True)
class Context:
    """The surroundings of an entry; without a request somebody works at the console or a worker does."""

    actor_id: int | None = None
    via: str = "system"
    network: str = ""
    request_id: str = ""


_context: ContextVar[Context | Callable[[], Context] | None] = ContextVar("audit_context", default=None)


def current() -> Context:
    """The surroundings of what happens now."""
    found = _context.get()
    if found is None:
        return Context()
    return found() if callable(found) else found


@contextmanager
def acting(actor_id: int | None, via: str) -> Iterator[None]:
    """What is recorded within it was done by this person, through this door."""
    token = _context.set(Context(actor_id=actor_id, via=via))
    try:
        yield
    finally:
        _context.reset(token)


def acts_by_token(actor_id: int) -> None:
    """From here on this request is that of a program with a token of this person."""
    _context.set(replace(current(), actor_id=actor_id, via="token"))


def network_of(address: str) -> str:
    """The class of an address and its network, never the whole: `inside 10.1.2.0/24`, `this machine`."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return "this machine"
    network = ipaddress.ip_network(f"{found}/{PREFIXES[found.version]}", strict=False)
    return f"{'inside' if any(found in one for one in INSIDE) else 'outside'} {network}"


def _of_request(request: HttpRequest) -> Context:
    user = getattr(request, "user", None)
    try:
        network = network_of(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        network = "unknown"
    doors = {"/admin/": "admin", "/api/": "api"}
    return Context(
        actor_id=user.pk if user is not None and user.is_authenticated else None,
        via=next((door for path, door in doors.items() if request.path.startswith(path)), "page"),
        network=network,
        request_id=getattr(request, "request_id", ""),
    )


class AuditMiddleware:
    """Tells what is recorded during a request who asks, and from where."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _context.set(lambda: _of_request(request))
        try:
            return self.get_response(request)
        finally:
            _context.reset(token)

"""Requests to addresses that somebody configured: over TLS, and never into the own network."""

import ipaddress
from collections.abc import Callable
from typing import Any

import requests
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

log = structlog.get_logger(__name__)
SECONDS = 5


class InwardRefused(requests.ConnectionError):
    """The address leads into a private network, or is not asked over TLS."""


def refuse_inward(address: str) -> None:
    """Raises InwardRefused unless the address belongs to the internet."""
    if not ipaddress.ip_address(address.partition("%")[0]).is_global:
        raise InwardRefused("the address leads into a private network")


class _Checked:
    """Looks whom the connection has reached before anything is said: a name may lead anywhere."""

    def _new_conn(self) -> Any:
        reached = super()._new_conn()  # type: ignore[misc]
        try:
            refuse_inward(reached.getpeername()[0])
        except InwardRefused:
            reached.close()
            raise
        return reached


class _CheckedHttp(_Checked, HTTPConnection):
    pass


class _CheckedHttps(_Checked, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _CheckedHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedHttps


class _OutwardAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class UnansweredMiddleware:
    """Says so where the identity provider does not answer, or not in a way that can be understood."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only what asking others brings: everything else is our own fault."""
        if not isinstance(exception, requests.RequestException):
            return None
        log.error("the identity provider does not answer", error=type(exception).__name__)
        return render(request, "accounts/sso_away.html", status=503)


class OutwardSession(requests.Session):
    """A session that waits five seconds at most; where SSO_ALLOW_PRIVATE is off, it goes outward only."""

    def __init__(self) -> None:
        super().__init__()
        if not settings.SSO_ALLOW_PRIVATE:
            self.mount("https://", _OutwardAdapter())
            self.mount("http://", _OutwardAdapter())

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Asks, after every redirect too, once it is clear that nobody listens on the way."""
        if not settings.SSO_ALLOW_PRIVATE and not str(request.url).startswith("https://"):
            raise InwardRefused("the address is not asked over TLS")
        kwargs["timeout"] = kwargs.get("timeout") or SECONDS
        return super().send(request, **kwargs)

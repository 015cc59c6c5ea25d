"""Requests as programs and browsers send them, each on a connection of its own."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage
from typing import Any
from urllib.parse import urlencode

BROKEN = (OSError, HTTPException)
PATIENCE = 10.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Request:
    """A request that can be sent again, word for word."""

    port: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    def send(self) -> Answer:
        """The answer; one of BROKEN where none came."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(self.method, self.path, self.body, self.headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def send_and_hang_up(self) -> None:
        """The request without waiting for its answer, as somebody impatient does."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(self.method, self.path, self.body, self.headers)
        finally:
            connection.close()


def api_post(port: int, token: str, path: str, key: str, body: dict[str, Any]) -> Request:
    """A POST to the API that acts once, however often it is sent."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    return Request(port, "POST", f"/api/v1/{path}", headers, json.dumps(body).encode())


def page(port: int, cookies: dict[str, str], path: str) -> Request:
    """A page as the browser asks for it."""
    return Request(port, "GET", path, {"Cookie": _cookies(cookies)})


def form_post(port: int, cookies: dict[str, str], path: str, fields: dict[str, str]) -> Request:
    """A form as the browser sends it."""
    headers = {"Cookie": _cookies(cookies), "Content-Type": "application/x-www-form-urlencoded"}
    return Request(port, "POST", path, headers, urlencode(fields).encode())


def _cookies(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())

"""An OpenID Connect provider on this machine, as the standard says it: discovery, PKCE, a signed ID token."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "partnerhub", "between-us"


class Provider(ThreadingHTTPServer):
    """Signs in whoever `claims` describes; `asked` are the paths that were asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None  # else the same claims
        self.issuer_in_token = self.issuer
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def authorize(self, url: str) -> dict[str, str]:
        """What the browser brings back from the provider's page, given the address it was sent to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert set(asked["scope"].split()) == {"openid", "profile", "email"}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        own = self.server
        own.asked.append(self.path)
        jwk = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(own.key.public_key())), "kid": "1"}
        documents: dict[str, dict[str, Any]] = {
            "/.well-known/openid-configuration": {
                "issuer": own.issuer,
                "authorization_endpoint": f"{own.issuer}/authorize",
                "token_endpoint": f"{own.issuer}/token",
                "userinfo_endpoint": f"{own.issuer}/userinfo",
                "jwks_uri": f"{own.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/keys": {"keys": [jwk]},
            "/userinfo": own.claims if own.userinfo is None else own.userinfo,
        }
        if self.path == "/userinfo" and self.headers["Authorization"] != "Bearer access":
            self._say({"error": "invalid_token"}, 401)
        else:
            self._say(documents.get(self.path, {}), 200 if self.path in documents else 404)

    def do_POST(self) -> None:
        own = self.server
        own.asked.append(self.path)
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        form = {name: values[0] for name, values in sent.items()}
        asked = own.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or proof != asked["code_challenge"] or form["client_secret"] != SECRET:
            self._say({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        token = {"iss": own.issuer_in_token, "aud": CLIENT, "iat": now, "exp": now + 60, **own.claims}
        signed = jwt.encode(token, own.key, algorithm="RS256", headers={"kid": "1"})
        self._say({"access_token": "access", "token_type": "Bearer", "id_token": signed})

    def _say(self, document: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, while it runs."""
    with Provider() as provider:
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()

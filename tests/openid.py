"""A provider of OpenID Connect over HTTP: signs with keys of its own, and lies when it is told to."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jwt
from aiohttp import encode_basic_auth, web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from yarl import URL

from screenpop.oidc import ProviderSettings

CLIENT, SECRET = "centralita", "a secret & of two"
ANA = {"sub": "248289761001", "preferred_username": "ana.lopez", "name": "Ana López", "locale": "es-ES"}
ROLES = {"crm-admins": "administrator", "crm-leads": "supervisor", "crm-agents": "agent"}


@dataclass
class Key:
    """A key pair and its name."""

    name: str
    private: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))

    def public(self) -> dict[str, Any]:
        told = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        return told | {"kid": self.name, "use": "sig", "alg": "RS256"}


FIRST, SECOND = Key("first"), Key("second")


@dataclass
class OpenId:
    """The provider. ``says`` are the claims of who signs in next; ``sign`` makes the ID token of claims."""

    issuer: str
    now: Callable[[], datetime]
    says: dict[str, Any] = field(default_factory=lambda: {**ANA, "groups": ["staff", "crm-leads"]})
    keys: list[Key] = field(default_factory=lambda: [FIRST])
    sign: Callable[[dict[str, Any]], str] | None = None
    about: dict[str, Any] = field(default_factory=dict)
    refuses: bool = False
    asked: list[str] = field(default_factory=list)
    left: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def settings(self, **changes: Any) -> ProviderSettings:
        """Return what Centralita is told of it."""
        return ProviderSettings(
            **{
                "name": "Example Login",
                "issuer": self.issuer,
                "client_id": CLIENT,
                "secret": SECRET,
                "roles": ROLES,
                "creates_users": True,
            }
            | changes
        )

    def signed(self, claims: dict[str, Any], *, key: Key | None = None, name: str | None = None) -> str:
        by = key or self.keys[0]
        return jwt.encode(claims, by.private, algorithm="RS256", headers={"kid": name or by.name})

    async def tell(self, _request: web.Request) -> web.Response:
        self.asked.append("about")
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/logout",
            }
            | self.about
        )

    async def show_keys(self, _request: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": [key.public() for key in self.keys]})

    async def authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert asked["scope"].split()[0] == "openid"
        given = {"state": asked["state"]}
        if self.refuses:
            given["error"] = "access_denied"
        else:
            given["code"] = secrets.token_urlsafe(16)
            self._codes[given["code"]] = asked
        there = URL(asked["redirect_uri"]).with_query(given)
        return web.Response(status=302, headers={"Location": str(there)})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if (
            asked is None
            or form["redirect_uri"] != asked["redirect_uri"]
            or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]
            or request.headers.get("Authorization") != encode_basic_auth(CLIENT, "a+secret+%26+of+two")
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = self.claims(nonce=asked["nonce"])
        token = self.sign(claims) if self.sign else self.signed(claims)
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def claims(self, **more: Any) -> dict[str, Any]:
        now = int(self.now().timestamp())
        usual = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        told = usual | more | self.says
        return {name: value for name, value in told.items() if value is not None}

    async def logout(self, request: web.Request) -> web.Response:
        self.left.append(dict(request.query))
        return web.Response(status=302, headers={"Location": request.query["post_logout_redirect_uri"]})


@asynccontextmanager
async def provider(now: Callable[[], datetime]) -> AsyncIterator[OpenId]:
    """Yield a provider that listens on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = OpenId(f"http://127.0.0.1:{listener.getsockname()[1]}", now)
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", one.tell),
                web.get("/keys", one.show_keys),
                web.get("/authorize", one.authorize),
                web.post("/token", one.token),
                web.get("/logout", one.logout),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        try:
            yield one
        finally:
            await runner.cleanup()

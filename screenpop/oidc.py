"""Signing in by a provider: OpenID Connect's code flow with PKCE, found by discovery.

What the provider says is believed only when it is signed by one of its keys, for us, now, and for the sign-in
that this browser began.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote_plus

import aiohttp
import jwt
import structlog
from yarl import URL

from crm_core.domain.people import Role

log = structlog.get_logger(__name__)
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "RS384", "RS512", "ES384", "EdDSA")
"""Signatures that only the provider can make; never ``none``, never by a secret that is shared."""
WITHIN: Final = aiohttp.ClientTimeout(total=10)
LARGEST: Final = 512 * 1024
LEEWAY: Final = timedelta(seconds=60)
KNOWN_FOR: Final = timedelta(hours=1)
KEYS_AGAIN: Final = timedelta(seconds=30)
ASKED_AGAIN: Final = timedelta(seconds=5)
DISCOVERY: Final = "/.well-known/openid-configuration"
LONGEST: Final = 255
ACCEPT: Final = {"Accept": "application/json"}
NO_PROOF: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """Who the provider is, who we are to it, and what its groups are here: the first of ``roles`` counts."""

    name: str
    issuer: str
    client_id: str
    secret: str = ""
    scopes: tuple[str, ...] = ("openid", "profile")
    groups_claim: str = "groups"
    roles: Mapping[str, Role]
    creates_users: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a sign-in that is under way is recognised by; for nobody's eyes but ours."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def anew(cls) -> Begun:
        """Return one that nobody guesses."""
        return cls(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the provider says of somebody."""

    subject: str
    name: str
    full_name: str
    language: str
    groups: tuple[str, ...]


class ProviderError(Exception):
    """The provider cannot be asked (``provider_away``), or what it says is not believed."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(code, why)
        self.code, self.why = code, why

    def __str__(self) -> str:
        return f"{self.code}: {self.why}"


class Provider:
    """A provider, asked over HTTP; what it says of itself is known for an hour."""

    def __init__(self, settings: ProviderSettings, *, now: Callable[[], datetime]) -> None:
        self.settings, self._now = settings, now
        self._about: dict[str, Any] = {}
        self._about_at: datetime | None = None
        self._away: tuple[datetime, ProviderError] | None = None
        self._keys: jwt.PyJWKSet | None = None
        self._keys_at: datetime | None = None
        self._asking = asyncio.Lock()

    async def about(self) -> Mapping[str, Any]:
        """Return what the provider says of itself.

        Raises:
            ProviderError: it cannot be asked, or is another than it should be.
        """
        async with self._asking:
            if self._about_at is None or self._now() - self._about_at > KNOWN_FOR:
                await self._learn()
        return self._about

    async def begin(self, begun: Begun, *, back: str) -> URL:
        """Return where the browser is sent, to come *back* with a code.

        Raises:
            ProviderError: the provider cannot be asked.
        """
        digest = hashlib.sha256(begun.verifier.encode()).digest()
        return URL((await self.about())["authorization_endpoint"]).update_query(
            response_type="code",
            client_id=self.settings.client_id,
            redirect_uri=back,
            scope=" ".join(self.settings.scopes),
            state=begun.state,
            nonce=begun.nonce,
            code_challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            code_challenge_method="S256",
        )

    async def stated(self, begun: Begun, *, code: str, back: str) -> Stated:
        """Return who signed in, by the *code* that the browser came back with.

        Raises:
            ProviderError: the provider cannot be asked, refuses, or is not believed.
        """
        about = await self.about()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.settings.client_id,
            "code_verifier": begun.verifier,
        }
        said = await _fetched("POST", about["token_endpoint"], data=form, headers=self._proof(about, form))
        return self._believed(await self._claims(said.get("id_token")), begun)

    async def end(self, *, back: str) -> URL | None:
        """Return where the browser is sent to sign out there, too; None when there is no such place."""
        endpoint = (await self.about()).get("end_session_endpoint")
        if not isinstance(endpoint, str) or not _is_guarded(endpoint):
            return None
        return URL(endpoint).update_query(client_id=self.settings.client_id, post_logout_redirect_uri=back)

    def role_of(self, stated: Stated) -> Role | None:
        """Return the role that somebody's groups give; None when they give none."""
        return next((role for group, role in self.settings.roles.items() if group in stated.groups), None)

    async def _learn(self) -> None:
        """Ask the provider what it is; where it was away a moment ago nobody waits for it again."""
        now = self._now()
        if self._away and now - self._away[0] < ASKED_AGAIN:
            raise self._away[1]
        try:
            said = await _fetched("GET", self.settings.issuer.rstrip("/") + DISCOVERY)
        except ProviderError as error:
            self._away = now, error
            raise
        self._about, self._about_at, self._away = self._checked(said), now, None

    def _checked(self, said: Mapping[str, Any]) -> dict[str, Any]:
        if said.get("issuer") != self.settings.issuer:
            raise ProviderError("provider_lied", f"it calls itself {said.get('issuer')!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(said.get(name), str) or not _is_guarded(said[name]):
                raise ProviderError("provider_lied", f"{name} is no https address")
        return dict(said)

    def _proof(self, about: Mapping[str, Any], form: dict[str, str]) -> dict[str, str]:
        """Return the headers that prove us to be the client, where it is not a field of the *form*."""
        if not self.settings.secret:
            return {}
        methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" not in methods:
            form["client_secret"] = self.settings.secret
            return {}
        credentials = quote_plus(self.settings.client_id), quote_plus(self.settings.secret)
        return {"Authorization": aiohttp.encode_basic_auth(*credentials)}

    async def _claims(self, token: object) -> Mapping[str, Any]:
        """Return what *token* says, when the provider signed it for us."""
        if not isinstance(token, str) or len(token) > LARGEST:
            raise ProviderError("provider_lied", "there is no ID token")
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(header.get("kid"))
            return jwt.decode(
                token,
                key.key,
                algorithms=_algorithms(key),
                audience=self.settings.client_id,
                issuer=self.settings.issuer,
                options={
                    "require": ["iss", "sub", "aud", "exp", "iat"],
                    "verify_exp": False,  # by our own clock, below
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError as error:
            raise ProviderError("provider_lied", str(error)) from error

    def _believed(self, claims: Mapping[str, Any], begun: Begun) -> Stated:
        now = self._now().timestamp()
        if not _number(claims["exp"]) > now - LEEWAY.total_seconds():
            raise ProviderError("provider_lied", "the ID token is expired")
        if max(_number(claims["iat"]), _number(claims.get("nbf", 0))) > now + LEEWAY.total_seconds():
            raise ProviderError("provider_lied", "the ID token is of the future")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), begun.nonce.encode()):
            raise ProviderError("provider_lied", "the nonce is another")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.settings.client_id:
            raise ProviderError("provider_lied", "the ID token was made for another client")
        if not (claims["sub"] and len(claims["sub"]) <= LONGEST):
            raise ProviderError("provider_lied", "the subject is no name")
        return _stated(claims, self.settings.groups_claim)

    async def _key(self, kid: object) -> jwt.PyJWK:
        """Return the key called *kid*; one that is not known may be new."""
        now = self._now()
        if self._keys_at is None or now - self._keys_at > KNOWN_FOR:
            await self._learn_keys()
        found = self._found(kid)
        if found is None and self._keys_at is not None and now - self._keys_at >= KEYS_AGAIN:
            await self._learn_keys()
            found = self._found(kid)
        if found is None:
            raise ProviderError("provider_lied", "the ID token is signed by no key of the provider")
        return found

    def _found(self, kid: object) -> jwt.PyJWK | None:
        keys = [one for one in (self._keys.keys if self._keys else []) if one.public_key_use in {None, "sig"}]
        if kid is None:
            return keys[0] if len(keys) == 1 else None
        return next((one for one in keys if one.key_id == kid), None)

    async def _learn_keys(self) -> None:
        said = await _fetched("GET", (await self.about())["jwks_uri"])
        try:
            self._keys, self._keys_at = jwt.PyJWKSet.from_dict(said), self._now()
        except (jwt.PyJWTError, TypeError, AttributeError, ValueError) as error:
            raise ProviderError("provider_lied", f"its keys cannot be read: {error}") from error


async def _fetched(
    method: str, address: str, *, data: Mapping[str, str] | None = None, headers: dict[str, str] = NO_PROOF
) -> dict[str, Any]:
    """Return the JSON object that is at *address*.

    Raises:
        ProviderError: there is none.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=WITHIN) as http,
            http.request(
                method, address, data=data, headers=ACCEPT | headers, allow_redirects=False
            ) as response,
        ):
            raw = await _read(response)
            if response.status != HTTPStatus.OK:
                is_away = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
                code = "provider_away" if is_away else "provider_refused"
                raise ProviderError(code, f"{URL(address).path} answered {response.status}")
        said = json.loads(raw)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ProviderError("provider_away", f"{type(error).__name__} at {URL(address).path}") from error
    except (ValueError, RecursionError) as error:
        raise ProviderError("provider_lied", f"{URL(address).path} gave no JSON") from error
    if not isinstance(said, dict):
        raise ProviderError("provider_lied", f"{URL(address).path} gave no object")
    return said


async def _read(response: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for part in response.content.iter_chunked(65_536):
        raw += part
        if len(raw) > LARGEST:
            raise ProviderError("provider_lied", f"{response.url.path} gave too much")
    return bytes(raw)


def _stated(claims: Mapping[str, Any], groups_claim: str) -> Stated:
    groups = claims.get(groups_claim)
    return Stated(
        subject=claims["sub"],
        name=_text(claims.get("preferred_username")) or claims["sub"],
        full_name=_text(claims.get("name")) or _text(claims.get("preferred_username")) or claims["sub"],
        language=_text(claims.get("locale"))[:2].lower(),
        groups=tuple(one for one in groups if isinstance(one, str)) if isinstance(groups, list) else (),
    )


def _text(value: object) -> str:
    return " ".join(value.split())[:200] if isinstance(value, str) else ""


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProviderError("provider_lied", "a time is no number")
    return value


def _algorithms(key: jwt.PyJWK) -> list[str]:
    """Return with which algorithm *key* signs: what it says itself, never what the token does."""
    named = key.algorithm_name
    return [named] if named in ALGORITHMS else []


def _is_guarded(address: str) -> bool:
    """Return whether nobody on the way can read along: TLS, or the same machine."""
    url = URL(address)
    return url.scheme == "https" or (url.scheme == "http" and url.host in {"127.0.0.1", "::1", "localhost"})

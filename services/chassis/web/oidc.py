"""OpenID Connect: the company's own identity provider says who somebody is (code flow with PKCE)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.chassis.errors import N_, Problem

_SECONDS = 8.0
_SKEW_SECONDS = 60
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]


class SignInRefused(Problem):
    status = 403
    code = "sign-in-refused"
    title = N_("Signing in did not work; please try again")


class ProviderUnavailable(Problem):
    status = 503
    code = "provider-unavailable"
    title = N_("The identity provider does not answer; please try again shortly")


@dataclass(frozen=True)
class Who:
    """Whom the provider vouches for."""

    subject: str
    email: str
    """Only when the provider has verified it, else empty; in lower case."""


@dataclass(frozen=True)
class Provider:
    """An OpenID provider, found by its issuer's discovery document."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    now: datetime

    async def begin(self, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser. Raises `ProviderUnavailable`."""
        metadata = await self._metadata()
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    async def finish(self, code: str, verifier: str, nonce: str) -> Who:
        """Who signed in. Raises `SignInRefused`, `ProviderUnavailable`."""
        metadata = await self._metadata()
        try:
            async with self._client() as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
                answer = await client.get(metadata["jwks_uri"], withhold_token=True)
                answer.raise_for_status()
                keys = KeySet.import_key_set(answer.json())
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            raise ProviderUnavailable from error
        except Exception as error:
            raise SignInRefused from error
        return self._who(str(token.get("id_token", "")), keys, nonce, metadata)

    def _who(self, id_token: str, keys: KeySet, nonce: str, metadata: dict[str, Any]) -> Who:
        rules = jwt.JWTClaimsRegistry(
            now=int(self.now.timestamp()),
            leeway=_SKEW_SECONDS,
            iss={"essential": True, "value": metadata.get("issuer", self.issuer)},
            aud={"essential": True, "value": self.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            claims = jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise SignInRefused from error
        email = claims.get("email", "") if claims.get("email_verified", True) else ""
        return Who(str(claims["sub"]), str(email).lower())

    def _client(self) -> Any:
        return AsyncOAuth2Client(
            client_id=self.client_id,
            client_secret=self.client_secret or None,
            redirect_uri=self.redirect_uri,
            scope="openid profile email",
            code_challenge_method="S256",
            timeout=_SECONDS,
        )

    async def _metadata(self) -> dict[str, Any]:
        url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            async with asyncio.timeout(_SECONDS), httpx.AsyncClient(timeout=_SECONDS) as client:
                answer = await client.get(url)
                answer.raise_for_status()
                metadata: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            raise ProviderUnavailable from error
        if metadata.get("issuer", "").rstrip("/") != self.issuer.rstrip("/"):
            raise ProviderUnavailable
        return metadata

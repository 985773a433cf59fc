"""OpenID Connect: the company's own identity provider says who somebody is (code flow with PKCE)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
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
        uri = prepare_grant_uri(
            metadata["authorization_endpoint"],
            client_id=self.client_id,
            response_type="code",
            redirect_uri=self.redirect_uri,
            scope="openid profile email",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return str(uri)

    async def finish(self, code: str, verifier: str, nonce: str) -> Who:
        """Who signed in. Raises `SignInRefused`, `ProviderUnavailable`."""
        metadata = await self._metadata()
        grant = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        try:
            async with asyncio.timeout(_SECONDS), httpx.AsyncClient(timeout=_SECONDS) as client:
                given = await client.post(
                    metadata["token_endpoint"], data=grant, auth=(self.client_id, self.client_secret)
                )
                if given.is_client_error:
                    raise SignInRefused
                keys = await client.get(metadata["jwks_uri"])
                given.raise_for_status()
                keys.raise_for_status()
            id_token = given.json()["id_token"]
            key_set = KeySet.import_key_set(keys.json())
        except (httpx.HTTPError, TimeoutError) as error:
            raise ProviderUnavailable from error
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise SignInRefused from error
        return self._who(str(id_token), key_set, nonce, metadata)

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

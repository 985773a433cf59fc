"""The session: a signed cookie that all services can read, and that says nothing but who it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.responses import Response

from services.chassis.web.settings import WebSettings

SESSION_COOKIE = "muster_session"
_ALGORITHM = "HS256"


class Signer:
    """Signs small facts into tokens and reads them back; each token is for one purpose."""

    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings
        self._key = OctKey.import_key(settings.session_key.get_secret_value())

    def sign(self, purpose: str, facts: Mapping[str, Any], now: datetime, valid: timedelta) -> str:
        """The token that carries the facts until it expires."""
        claims = {
            **facts,
            "aud": purpose,
            "iat": int(now.timestamp()),
            "exp": int((now + valid).timestamp()),
        }
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key, algorithms=[_ALGORITHM])

    def read(self, purpose: str, token: str, now: datetime) -> dict[str, Any] | None:
        """The facts, or None when the token is not ours, not for this purpose, or expired."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        expires = claims.get("exp")
        if claims.get("aud") != purpose or not isinstance(expires, int) or expires <= now.timestamp():
            return None
        return dict(claims)

    def session(self, person_id: str, now: datetime) -> str:
        """A session token of this person."""
        return self.sign("session", {"sub": person_id}, now, timedelta(hours=self._settings.session_hours))

    def person_in(self, token: str, now: datetime) -> str | None:
        """Whose session it is, or None."""
        claims = self.read("session", token, now)
        subject = claims.get("sub") if claims else None
        return subject if isinstance(subject, str) and subject else None

    def set_cookie(self, response: Response, name: str, token: str, valid: timedelta) -> None:
        """Put the token into a cookie that scripts cannot read."""
        response.set_cookie(
            name,
            token,
            max_age=int(valid.total_seconds()),
            path="/",
            secure=self._settings.secure,
            httponly=True,
            samesite="lax",
        )

    def begin_session(self, response: Response, person_id: str, now: datetime) -> None:
        """The response signs this person in."""
        valid = timedelta(hours=self._settings.session_hours)
        self.set_cookie(response, SESSION_COOKIE, self.session(person_id, now), valid)

    def end_session(self, response: Response) -> None:
        """The response signs out."""
        response.delete_cookie(
            SESSION_COOKIE, path="/", secure=self._settings.secure, httponly=True, samesite="lax"
        )

"""The code in the room: a link that is good for a short while, so that who was not there cannot sign in with it.

The link is short, so that the drawn code is coarse and can be read from the last row.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from markupsafe import Markup
from starlette.requests import HTTPConnection

from services.chassis.errors import N_, Conflict
from services.chassis.web.site import site_of

SHOWN = timedelta(seconds=30)
"""A new code comes up so often."""
GOOD_FOR = 3
"""So many codes back are taken: phones need time to open a page, and to sign in to Muster first."""
LENGTH = 12
"""Characters of a code, five bits each."""


class CodeExpired(Conflict):
    """The link is too old, or is not for this meeting."""

    code = "sign-in-code-expired"
    title = N_("This code has expired. Scan the one on the screen again.")


@dataclass(frozen=True)
class SigningIn:
    """Makes and checks the codes; all processes of the service make the same ones at the same time."""

    key: bytes
    public_url: str
    now: datetime

    @classmethod
    def of(cls, connection: HTTPConnection) -> "SigningIn":
        """For this request."""
        site = site_of(connection)
        return cls(
            site.settings.session_key.get_secret_value().encode(), site.settings.public_url, site.clock()
        )

    def token(self, meeting_id: str, back: int = 0) -> str:
        """The code of this moment, or one of those before it."""
        period = int(self.now.timestamp() // SHOWN.total_seconds()) - back
        said = f"muster/meeting-sign-in/{meeting_id}/{period}".encode()
        digest = hmac.new(self.key, said, hashlib.sha256).digest()
        return base64.b32encode(digest).decode()[:LENGTH].lower()

    def link(self, meeting_id: str) -> str:
        """Where the drawn code leads."""
        return f"{self.public_url}/training/meetings/{meeting_id}/sign-in?token={self.token(meeting_id)}"

    def code(self, meeting_id: str, words: str) -> Markup:
        """The link as a QR code in SVG; `words` say what it is."""
        drawn = segno.make(self.link(meeting_id), error="l", boost_error=False)
        svg: str = drawn.svg_inline(border=2, omitsize=True, svgclass="t-qr", lineclass=None, title=words)
        # the drawing itself, made by us of a link of ours
        return Markup(svg)  # noqa: S704

    def require(self, meeting_id: str, token: str) -> None:
        """Do nothing for a code of this meeting that is still good. Raises `CodeExpired`."""
        given = token.encode()
        good = [
            hmac.compare_digest(given, self.token(meeting_id, back).encode()) for back in range(GOOD_FOR + 1)
        ]
        if not any(good):
            raise CodeExpired

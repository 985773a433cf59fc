"""The code in the room: a link that is good for a short while, so that who was not there cannot sign in with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from markupsafe import Markup
from starlette.requests import HTTPConnection

from services.chassis.errors import N_, Conflict
from services.chassis.web.session import Signer
from services.chassis.web.site import site_of

PURPOSE = "meeting-sign-in"
SHOWN = timedelta(seconds=30)
"""A new code comes up so often."""
GOOD = timedelta(seconds=90)
"""A code that was just seen may still be used: phones need time to open a page, and to sign in to Muster first."""


class CodeExpired(Conflict):
    """The link is too old, or is not for this meeting."""

    code = "sign-in-code-expired"
    title = N_("This code has expired. Scan the one on the screen again.")


@dataclass(frozen=True)
class SigningIn:
    """Makes and reads the tokens of the code."""

    signer: Signer
    public_url: str
    now: datetime

    @classmethod
    def of(cls, connection: HTTPConnection) -> "SigningIn":
        """For this request."""
        site = site_of(connection)
        return cls(site.signer, site.settings.public_url, site.clock())

    def link(self, meeting_id: str) -> str:
        """Where the code leads."""
        token = self.signer.sign(PURPOSE, {"meeting": meeting_id}, self.now, GOOD)
        return f"{self.public_url}/training/meetings/{meeting_id}/sign-in?token={token}"

    def code(self, meeting_id: str, words: str) -> Markup:
        """The link as a QR code in SVG; `words` say what it is."""
        drawn = segno.make(self.link(meeting_id), error="l", boost_error=False)
        svg: str = drawn.svg_inline(border=2, omitsize=True, svgclass="t-qr", lineclass=None, title=words)
        # the drawing itself, made by us of a link of ours
        return Markup(svg)  # noqa: S704

    def require(self, meeting_id: str, token: str) -> None:
        """Do nothing for a token of this meeting that is still good. Raises `CodeExpired`."""
        facts = self.signer.read(PURPOSE, token, self.now)
        if facts is None or facts.get("meeting") != meeting_id:
            raise CodeExpired

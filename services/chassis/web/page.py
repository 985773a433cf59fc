"""Pages: a template, the reader, and the answer that shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from fastapi.sse import ServerSentEvent
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.chassis.access import Access
from services.chassis.web.answers import TOAST_COOKIE, Answer, see
from services.chassis.web.formats import Formats
from services.chassis.web.languages import Language
from services.chassis.web.navigation import ROLE_WORDS, Menu, MenuItem, menu_for, sections_for
from services.chassis.web.site import Site, site_of


@dataclass
class PageWriter:
    """Writes pages and fragments for one request; templates know it as `page`."""

    request: Request
    site: Site
    language: Language
    now: datetime
    visitor: Access | None

    @cached_property
    def formats(self) -> Formats:
        """Dates and numbers for this reader, by the clock of their unit."""
        zone = self.visitor.time_zone if self.visitor else Access.time_zone
        return Formats(self.language.locale, zone, self.now)

    @cached_property
    def menu(self) -> Menu | None:
        """The reader's menu; None for somebody who is not signed in."""
        return menu_for(self.visitor, self.path) if self.visitor else None

    @cached_property
    def sections(self) -> tuple[MenuItem, ...]:
        """The bar of the service's own sections, as this reader finds it."""
        return sections_for(self.site.sections, self.visitor, self.path) if self.visitor else ()

    @property
    def path(self) -> str:
        """The path of the request."""
        return self.request.url.path

    @property
    def by_htmx(self) -> bool:
        """Whether htmx asks, so that a fragment is wanted."""
        return "hx-request" in self.request.headers

    @property
    def role_words(self) -> list[str]:
        """The reader's roles, in this language."""
        roles = self.visitor.roles if self.visitor else frozenset()
        return [self.say(words) for role, words in ROLE_WORDS.items() if role in roles]

    @property
    def toast(self) -> str:
        """What the action before this page has to say."""
        return unquote(self.request.cookies.get(TOAST_COOKIE, ""))

    def say(self, message: str, /, **params: object) -> str:
        """A message in the reader's language."""
        return self.language.say(message, **params)

    def show(
        self,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """The page. Pages are the reader's own, so nobody on the way keeps them."""
        html = self.site.templates.render(self.language, template, self._context(context))
        return self._response(html, status, headers)

    def block(
        self,
        template: str,
        block: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """One block of the template: the fragment that htmx asked for."""
        html = self.site.templates.render_block(self.language, template, block, self._context(context))
        return self._response(html, status, headers, whole=False)

    def event(self, template: str, block: str | None = None, **context: Any) -> ServerSentEvent:
        """The template, or one block of it, for a page that listens with `hx-sse:connect`."""
        values = self._context(context)
        if block is None:
            html = self.site.templates.render(self.language, template, values)
        else:
            html = self.site.templates.render_block(self.language, template, block, values)
        return ServerSentEvent(raw_data=html)

    def go(self, location: str, *, toast: str = "") -> Response:
        """On to another page, where these words are said once."""
        return see(location, toast=toast).response(self.request)

    def answer(self, answer: Answer) -> Response:
        """An answer as HTTP."""
        return answer.response(self.request)

    def _context(self, context: Mapping[str, Any]) -> dict[str, Any]:
        return {"page": self, "visitor": self.visitor, "formats": self.formats, "now": self.now, **context}

    def _response(
        self, html: str, status: int, headers: Mapping[str, str] | None, whole: bool = True
    ) -> Response:
        response = HTMLResponse(html, status, {"Cache-Control": "private, no-cache", **(headers or {})})
        response.headers["Content-Language"] = self.language.tag
        response.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
        if whole and TOAST_COOKIE in self.request.cookies:
            response.delete_cookie(TOAST_COOKIE, path="/", httponly=True, samesite="lax")
        return response


def writer_for(request: Request, visitor: Access | None) -> PageWriter:
    """The writer for this request and reader."""
    site = site_of(request)
    return PageWriter(request, site, site.language_of(request), site.clock(), visitor)

"""Signing in and out, mounted by the service that knows who belongs to the company."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from services.chassis.errors import N_, Forbidden, NotFound
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Person, Unit
from services.chassis.web.dependencies import PublicPage
from services.chassis.web.navigation import ROLE_WORDS
from services.chassis.web.oidc import Provider, SignInRefused
from services.chassis.web.page import PageWriter
from services.chassis.web.session import SESSION_COOKIE
from services.chassis.web.shell import local_path
from services.chassis.web.site import site_of
from services.contracts.organisation import Role
from services.contracts.site import home_for

FindPerson = Callable[[Request, str, str], Awaitable[str | None]]
"""From the request, the provider's subject and a verified e-mail (or an empty text): the person's id, or None."""

ATTEMPT_COOKIE = "muster_sign_in"
_ATTEMPT = timedelta(minutes=10)
_PERSONAS_PER_ROLE = 4
_ORDER = (
    Role.AGENT,
    Role.SUPERVISOR,
    Role.TRAINER,
    Role.BRANCH_MANAGER,
    Role.REGIONAL,
    Role.HEAD_OFFICE,
    Role.OPERATIONS,
)


class NobodyOfThatName(Forbidden):
    code = "not-of-the-company"
    title = N_("You are known to the identity provider, but not registered here; please ask your branch")


@dataclass(frozen=True)
class Persona:
    """Somebody to be, for a trial."""

    person: Person
    role: Role
    unit: Unit | None

    @property
    def role_words(self) -> str:
        return ROLE_WORDS[self.role]

    @property
    def order(self) -> int:
        """Where the role stands on the page."""
        return _ORDER.index(self.role)


async def personas(directory: Directory) -> list[Persona]:
    """A few people of each role, those of one branch first, so that they know one another."""
    chosen: list[Persona] = []
    home: tuple[str, ...] = ()
    for role in (Role.TRAINER, *(role for role in _ORDER if role != Role.TRAINER)):
        people = await directory.sample(role, near=home[-1:], limit=_PERSONAS_PER_ROLE)
        units = await directory.units(person.unit_id for person in people)
        chosen += [Persona(person, role, units.get(person.unit_id)) for person in people]
        if people and not home:
            home = people[0].org_path
    return sorted(chosen, key=lambda persona: persona.order)


def sign_in_router(find_person: FindPerson) -> APIRouter:
    """`/sign-in`, `/sign-in/persona`, `/sign-in/provider`, `/sign-in/callback`, `/sign-out`, and `/` itself."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def home(request: Request) -> Response:
        """On to where the visitor's day begins."""
        site = site_of(request)
        person_id = site.signer.person_in(request.cookies.get(SESSION_COOKIE, ""), site.clock())
        if person_id is None:
            return _to("/sign-in")
        try:
            access = await site.directory.access(person_id)
        except NotFound:
            return _to("/sign-in")
        return _to(home_for(access.roles).path)

    @router.get("/sign-in")
    async def sign_in(page: PublicPage, next: str = "/") -> Response:
        """The ways to sign in."""
        settings = page.site.settings
        return page.show(
            "chassis/sign-in.html",
            personas=await personas(page.site.directory) if settings.personas else [],
            personas_allowed=settings.personas,
            provider=bool(settings.oidc_issuer),
            next=local_path(next),
        )

    @router.post("/sign-in/persona")
    async def as_persona(
        page: PublicPage, person_id: Annotated[str, Form(max_length=64)], next: Annotated[str, Form()] = "/"
    ) -> Response:
        """Be this person, where that is allowed. Raises `NotFound`."""
        if not page.site.settings.personas:
            raise NotFound
        access = await page.site.directory.access(person_id)
        return _signed_in(page, access.person_id, local_path(next))

    @router.get("/sign-in/provider")
    async def to_provider(page: PublicPage, next: str = "/") -> Response:
        """On to the identity provider."""
        provider = _provider(page)
        attempt = {
            "state": secrets.token_urlsafe(24),
            "nonce": secrets.token_urlsafe(24),
            "verifier": secrets.token_urlsafe(48),
            "next": local_path(next),
        }
        response = _to(await provider.begin(attempt["state"], attempt["nonce"], attempt["verifier"]))
        token = page.site.signer.sign("sign-in", attempt, page.now, _ATTEMPT)
        page.site.signer.set_cookie(response, ATTEMPT_COOKIE, token, _ATTEMPT)
        return response

    @router.get("/sign-in/callback")
    async def callback(page: PublicPage, code: str = "", state: str = "") -> Response:
        """Back from the identity provider. Raises `SignInRefused`, `NobodyOfThatName`."""
        provider = _provider(page)
        token = page.request.cookies.get(ATTEMPT_COOKIE, "")
        attempt = page.site.signer.read("sign-in", token, page.now)
        if (
            not attempt
            or not code
            or not secrets.compare_digest(str(attempt["state"]).encode(), state.encode())
        ):
            raise SignInRefused
        who = await provider.finish(code, attempt["verifier"], attempt["nonce"])
        person_id = await find_person(page.request, who.subject, who.email)
        if person_id is None:
            raise NobodyOfThatName
        response = _signed_in(page, person_id, local_path(str(attempt["next"])))
        response.delete_cookie(ATTEMPT_COOKIE, path="/")
        return response

    @router.post("/sign-out")
    async def sign_out(page: PublicPage) -> Response:
        """Forget the session in this browser."""
        response = _to("/sign-in")
        page.site.signer.end_session(response)
        # what this browser kept of pages goes as well
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    return router


def _provider(page: PageWriter) -> Provider:
    settings = page.site.settings
    if not settings.oidc_issuer:
        raise NotFound
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        redirect_uri=f"{settings.public_url.rstrip('/')}/sign-in/callback",
        now=page.now,
    )


def _signed_in(page: PageWriter, person_id: str, path: str) -> Response:
    response = _to(path)
    page.site.signer.begin_session(response, person_id, page.now)
    return response


def _to(location: str) -> Response:
    return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-store"})

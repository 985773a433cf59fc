"""What routes ask for by type: who is there, their transaction, the page, the database, what is live.

All of them are `async`, also those that wait for nothing: FastAPI runs any other function in a thread, and going there
and back costs far more than what they do.
"""

from typing import Annotated, Any

from fastapi import Depends, Header, Request

from services.chassis.access import Access
from services.chassis.errors import NotFound, NotSignedIn
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory as OrganisationDirectory
from services.chassis.web.forms import KEY_FIELD
from services.chassis.web.live import Live as LiveChanges
from services.chassis.web.once import KeyMissing, KeyUnusable, fingerprint_of, usable
from services.chassis.web.once import Once as OnceRequest
from services.chassis.web.page import PageWriter, writer_for
from services.chassis.web.session import SESSION_COOKIE
from services.chassis.web.site import site_of
from services.chassis.work import Cause, UnitOfWork


async def _visitor(request: Request) -> Access:
    site = site_of(request)
    person_id = site.signer.person_in(request.cookies.get(SESSION_COOKIE, ""), site.clock())
    if person_id is None:
        raise NotSignedIn
    try:
        access = await site.directory.access(person_id)
    except NotFound:
        raise NotSignedIn from None
    request.state.visitor = access
    return access


Visitor = Annotated[Access, Depends(_visitor)]
"""Who is signed in. Nobody: a page leads to the sign-in, JSON gets 401."""


async def _store(request: Request) -> Mongo:
    return site_of(request).mongo


Store = Annotated[Mongo, Depends(_store)]
"""The service's database, for reading."""


async def _directory(request: Request) -> OrganisationDirectory:
    return site_of(request).directory


Directory = Annotated[OrganisationDirectory, Depends(_directory)]
"""The service's copy of units and people."""


async def _live(request: Request) -> LiveChanges:
    return site_of(request).live


Live = Annotated[LiveChanges, Depends(_live)]
"""Changes of collections, as they happen."""


async def _work(request: Request, visitor: Visitor) -> UnitOfWork:
    site = site_of(request)
    cause = Cause(actor=visitor.person_id, correlation_id=request.scope["muster.correlation_id"])
    return UnitOfWork(site.mongo, site.clock, site.source, cause)


Work = Annotated[UnitOfWork, Depends(_work)]
"""The edge of a transaction on the visitor's behalf: `await work.run(command, ...)`."""


async def _page(request: Request, visitor: Visitor) -> PageWriter:
    return writer_for(request, visitor)


Page = Annotated[PageWriter, Depends(_page)]
"""Writes a page for the visitor."""


async def _public_page(request: Request) -> PageWriter:
    return writer_for(request, None)


PublicPage = Annotated[PageWriter, Depends(_public_page)]
"""Writes a page for anybody: a TV, the sign-in."""


async def _payload(request: Request) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = await request.form()
        return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    body = await request.body()
    try:
        return await request.json() if body else None
    except (ValueError, RecursionError):
        return body.hex()


async def _once(
    request: Request,
    work: Work,
    idempotency_key: Annotated[
        str | None,
        Header(description="Made up by the caller for this one request; a repetition with it acts once"),
    ] = None,
) -> OnceRequest:
    payload = await _payload(request)
    patient = False
    key = idempotency_key
    if key is None and isinstance(payload, list) and _is_form(request):
        key = next((value for name, value in payload if name == KEY_FIELD), None)
        patient = True
    if key is None:
        raise KeyMissing
    if not usable(key):
        raise KeyUnusable
    return OnceRequest(work, request, key, fingerprint_of(request, payload), patient)


def _is_form(request: Request) -> bool:
    return "form" in request.headers.get("content-type", "")


Once = Annotated[OnceRequest, Depends(_once)]
"""A command that acts once however often the request is sent: `await once.run(says, command, ...)`."""

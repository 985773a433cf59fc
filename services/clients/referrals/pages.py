"""Pages of referrals: the tree of one client, naming who brought them, and who brings the most."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from services.chassis.errors import Conflict, Invalid, StaleVersion
from services.chassis.web.dependencies import Directory, Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.paging import CursorParam, decode_cursor
from services.chassis.web.validation import Input
from services.clients.dependencies import Asking, Id, OwnParam, Personal
from services.clients.files.api import writable
from services.clients.files.frame import frame_of
from services.clients.files.lists import search
from services.clients.files.sight import units_of
from services.clients.files.views import own_or_all
from services.clients.referrals import commands, views
from services.clients.referrals.api import Key, naming

router = APIRouter()


class ReferrerForm(Input):
    """Who brought the client; empty: nobody."""

    client_id: Key | None = None


@router.get("/referrals")
async def bringers(
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
    own: OwnParam = None,
    cursor: CursorParam = "",
) -> Response:
    """Who brings the most."""
    mine = own_or_all(asker, own)
    rows = await views.bringers(store, personal, asker, own=mine, position=decode_cursor(cursor, 2), size=30)
    return page.show(
        "referrals/bringers.html",
        rows=rows.items,
        next_cursor=rows.next_cursor,
        own=mine,
        leads=bool(units_of(asker.access)),
    )


@router.get("/clients/{client_id}/referrals")
async def referrals(
    client_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """Who brought the client, whom they brought, and what that was worth."""
    context = await frame_of(page, store, directory, personal, asker, client_id, "referrals")
    tree = await views.tree_of(store, personal, asker, context["client"])
    return page.show("referrals/tree.html", tree=tree, **context)


@router.get("/clients/{client_id}/referrer")
async def choose(
    client_id: Id,
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    q: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Find the client who brought this one."""
    await writable(store, asker, client_id)
    context = await frame_of(page, store, directory, personal, asker, client_id, "referrals")
    rows = await search(store, personal, asker, q, own=own_or_all(asker, None)) if q.strip() else []
    found = [row for row in rows if row.client.id != client_id]
    return page.show("referrals/choose.html", rows=found, q=q, **context)


@router.post("/clients/{client_id}/referrer")
async def name(
    client_id: Id,
    page: Page,
    store: Store,
    asker: Asking,
    work: Work,
    form: Annotated[Form[ReferrerForm], Depends(form_of(ReferrerForm))],
) -> Response:
    """Write down who brought the client."""
    where = f"/clients/clients/{client_id}/referrals"
    try:
        sent = form.valid()
        command = await naming(store, asker, client_id, sent.client_id, form.version or 0)
        await work.run(commands.name_referrer, command)
    except Invalid as problem:
        said = problem.errors[0].message if problem.errors else problem.message
        return page.go(where, toast=page.say(said))
    except (Conflict, StaleVersion) as problem:
        return page.go(where, toast=page.language.say_problem(problem))
    if sent.client_id is None:
        return page.go(where, toast=page.say("Nobody is written down any more"))
    return page.go(where, toast=page.say("Written down. A call to say thank you is being planned."))

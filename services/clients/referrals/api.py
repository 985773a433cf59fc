"""Referrals as JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.chassis.errors import FieldError, Invalid, NotFound
from services.chassis.mongo import Mongo
from services.chassis.web.dependencies import Store, Work
from services.chassis.web.paging import DEFAULT_SIZE, CursorParam, SizeParam, decode_cursor, link_header
from services.chassis.web.validation import Input, Output
from services.chassis.web.versions import ExpectedVersion
from services.clients.dependencies import Asking, Id, OwnParam, Personal
from services.clients.files.api import ClientOut, answer, writable
from services.clients.files.views import Asker, client_of, own_or_all
from services.clients.referrals import commands, views
from services.clients.referrals.commands import NameReferrer
from services.clients.referrals.model import Branch, Node

router = APIRouter(tags=["referrals"])

Key = Annotated[str, Field(min_length=1, max_length=64)]


class ReferrerIn(Input):
    client_id: Key | None
    """Who brought the client; empty: nobody."""


class BringerOut(Output):
    """A client with what they and those they brought are worth, in minor units by currency."""

    client_id: str
    name: str
    brought: int
    brought_below: int
    own: dict[str, int]
    lifetime: dict[str, int]
    thanks_due: bool


class BranchOut(Output):
    client_id: str | None
    """Empty for somebody else's client."""
    name: str
    lifetime: dict[str, int]
    children: list["BranchOut"]


class ReferralsOut(Output):
    client_id: str
    referrer_id: str | None
    """Empty when nobody is known, or when it is somebody else's client."""
    made_at: datetime | None
    brought: int
    brought_below: int
    own: dict[str, int]
    lifetime: dict[str, int]
    thanks_due: bool
    tree: list[BranchOut]


@router.get("/clients/{client_id}/referrals", response_model=ReferralsOut)
async def referrals(client_id: Id, store: Store, personal: Personal, asker: Asking) -> ReferralsOut:
    """Who brought the client, whom they brought, and what that was worth."""
    client = (await client_of(store, asker.access, client_id)).value
    tree = await views.tree_of(store, personal, asker, client)
    node = tree.node
    return ReferralsOut(
        client_id=client.id,
        referrer_id=tree.referrer_id if tree.referrer_id in tree.names else None,
        made_at=node.made_at,
        brought=node.brought,
        brought_below=node.brought_below,
        own=node.own,
        lifetime=node.lifetime,
        thanks_due=tree.thanks_due,
        tree=[_branch(each, tree) for each in tree.branch.children],
    )


@router.put("/clients/{client_id}/referrer", response_model=ClientOut)
async def referrer(
    client_id: Id, body: ReferrerIn, version: ExpectedVersion, store: Store, asker: Asking, work: Work
) -> Response:
    """Write down who brought the client."""
    command = await naming(store, asker, client_id, body.client_id, version)
    return answer(await work.run(commands.name_referrer, command))


@router.get("/referrals", response_model=list[BringerOut])
async def bringers(
    request: Request,
    response: Response,
    store: Store,
    personal: Personal,
    asker: Asking,
    own: OwnParam = None,
    cursor: CursorParam = "",
    size: SizeParam = DEFAULT_SIZE,
) -> list[BringerOut]:
    """Your clients who brought others, or those of your units."""
    mine = own_or_all(asker, own)
    rows = await views.bringers(
        store, personal, asker, own=mine, position=decode_cursor(cursor, 2), size=size
    )
    response.headers.update(link_header(request, rows.next_cursor))
    return [_bringer(row.node, row.name, row.thanks_due) for row in rows.items]


async def naming(
    store: Mongo, asker: Asker, client_id: str, referrer_id: str | None, version: int | None
) -> NameReferrer:
    """The command. Raises `NotFound`, `Forbidden`, `Invalid` for a referrer that is not theirs to see."""
    await writable(store, asker, client_id)
    if referrer_id is not None:
        try:
            await client_of(store, asker.access, referrer_id)
        except NotFound:
            raise Invalid(errors=[FieldError("/client_id", commands.NOT_YOURS)]) from None
    return NameReferrer(client_id=client_id, referrer_id=referrer_id, expected_version=version)


def _bringer(node: Node, name: str, thanks_due: bool) -> BringerOut:
    return BringerOut(
        client_id=node.id,
        name=name,
        brought=node.brought,
        brought_below=node.brought_below,
        own=node.own,
        lifetime=node.lifetime,
        thanks_due=thanks_due,
    )


def _branch(branch: Branch, tree: views.Tree) -> BranchOut:
    seen = branch.node.id in tree.names
    return BranchOut(
        client_id=branch.node.id if seen else None,
        name=tree.names.get(branch.node.id, ""),
        lifetime=branch.node.lifetime,
        children=[_branch(each, tree) for each in branch.children],
    )

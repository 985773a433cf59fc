"""Referrals as they are read: one client's tree, and who brings the most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.mongo import DESCENDING, Document, Mongo
from services.chassis.personal_data.masking import Level
from services.chassis.web.paging import Rows, after
from services.clients.files.model import Client
from services.clients.files.personal import PersonalData
from services.clients.files.sight import level_of, scope
from services.clients.files.views import Asker, clients_of_ids, fields_of
from services.clients.follow_ups.model import Status
from services.clients.follow_ups.store import FOLLOW_UPS
from services.clients.referrals.model import Branch, Node, branch_of
from services.clients.referrals.store import NODES, to_node
from services.contracts.clients import FollowUpRule

MOST_SHOWN = 300
"""Clients of one tree that a page shows; the figures count all of them."""


@dataclass(frozen=True)
class Tree:
    """One client among those who brought them and those they brought."""

    node: Node
    referrer_id: str | None
    branch: Branch
    names: Mapping[str, str]
    """Of those whom the reader may see, as far as they may; the others are somebody else's clients."""
    thanks_due: bool
    """Somebody is to thank them still."""


@dataclass(frozen=True)
class Bringer:
    """A client who brought others."""

    node: Node
    name: str
    thanks_due: bool


async def tree_of(mongo: Mongo, personal: PersonalData, asker: Asker, client: Client) -> Tree:
    """The referrals of a client whose file the reader may see."""
    document = await mongo.collection(NODES).find_one({"_id": client.id})
    node = (
        to_node(document)
        if document is not None
        else Node(client.id, client.agent_id, client.org_path, client.company_id)
    )
    below = await _below(mongo, client.id) if node.brought else []
    ids = [client.id, *(each.id for each in below)]
    names = await names_of(mongo, personal, asker, [*ids, *([node.referrer_id] if node.referrer_id else [])])
    return Tree(
        node, node.referrer_id, branch_of(node, below), names, client.id in await _thanks(mongo, [client.id])
    )


async def bringers(
    mongo: Mongo,
    personal: PersonalData,
    asker: Asker,
    *,
    own: bool,
    position: tuple[Any, ...] | None = None,
    size: int = 50,
) -> Rows[Bringer]:
    """The reader's clients, or those of their units, who brought others; who brought most comes first.

    Raises `NotFound` for the units of somebody who has none.
    """
    wanted: Document = {**scope(asker.access, own=own), "brought_below": {"$gt": 0}}
    order = [("brought_below", DESCENDING), ("_id", DESCENDING)]
    if position is not None and not (isinstance(position[0], int) and isinstance(position[1], str)):
        raise Invalid(errors=[FieldError("/cursor", N_("This cursor is not one of ours"))])
    query = {"$and": [wanted, after(order, position)]} if position else wanted
    found = mongo.collection(NODES).find(query, sort=order, limit=size + 1)
    nodes = [to_node(document) for document in await found.to_list(None)]
    ids = [node.id for node in nodes]
    names, thanks = await names_of(mongo, personal, asker, ids), await _thanks(mongo, ids)
    rows = [Bringer(node, names.get(node.id, ""), node.id in thanks) for node in nodes]
    return Rows.of(rows, size, lambda row: (row.node.brought_below, row.node.id))


async def names_of(
    mongo: Mongo, personal: PersonalData, asker: Asker, client_ids: Sequence[str]
) -> dict[str, str]:
    """The names of these clients as far as they are the reader's to see; others are not in it."""
    clients = (await clients_of_ids(mongo, client_ids)).values()
    seen = [client for client in clients if _seen(asker.access, client)]
    fields = await fields_of(personal, asker, seen, "name")
    return {client.id: each.get("name", "") for client, each in zip(seen, fields, strict=True)}


def _seen(access: Access, client: Client) -> bool:
    return level_of(access, client) is not Level.NONE


async def _below(mongo: Mongo, client_id: str) -> list[Node]:
    """The nearest of those below this client, level by level."""
    below: list[Node] = []
    level = [client_id]
    while level and len(below) < MOST_SHOWN:
        found = mongo.collection(NODES).find(
            {"referrer_id": {"$in": level}, "merged_into": None}, limit=MOST_SHOWN - len(below)
        )
        nodes = [to_node(document) for document in await found.to_list(None)]
        level = [node.id for node in nodes if node.brought]
        below += nodes
    return below


async def _thanks(mongo: Mongo, client_ids: Sequence[str]) -> set[str]:
    found = mongo.collection(FOLLOW_UPS.collection).find(
        {
            "client_id": {"$in": list(client_ids)},
            "rule": FollowUpRule.THANKS.value,
            "status": Status.OPEN.value,
        },
        {"client_id": 1},
    )
    return {document["client_id"] for document in await found.to_list(None)}

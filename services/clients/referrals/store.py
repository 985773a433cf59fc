"""Every query on referrals, and the indexes of all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.chassis.errors import NotFound
from services.chassis.mongo import ASCENDING, DESCENDING, Document, Indexes, IndexModel, ReplaceOne
from services.chassis.records import CONVERTER
from services.chassis.work import Transaction
from services.clients.files.model import Client
from services.clients.files.store import CLIENTS
from services.clients.referrals.model import Money, Node

NODES = "referral_nodes"
DEALS = "referral_deals"

INDEXES: Indexes = {
    NODES: [
        IndexModel([("referrer_id", ASCENDING)], name="brought_by"),
        IndexModel([("ancestors", ASCENDING)], name="below"),
        IndexModel(
            [("came_with", ASCENDING)], name="came_with", partialFilterExpression={"came_with": {"$gt": ""}}
        ),
        IndexModel([("merged_into", ASCENDING)], name="merged_into"),
        *(
            IndexModel(
                [(whose, ASCENDING), ("brought_below", DESCENDING), ("_id", DESCENDING)],
                name=f"{whose}_by_brought",
                partialFilterExpression={"brought_below": {"$gt": 0}},
            )
            for whose in ("agent_id", "org_path")
        ),
    ],
    DEALS: [
        IndexModel([("client_id", ASCENDING)], name="of_client"),
        IndexModel(
            [("came_with", ASCENDING)], name="came_with", partialFilterExpression={"came_with": {"$gt": ""}}
        ),
    ],
}


@dataclass(frozen=True)
class Counted:
    """A deal as it was counted."""

    id: str
    """The deal's."""
    client_id: str
    sequence: int
    """Of the last event about the deal that was counted; older ones say nothing new."""
    currency: str
    commission: int
    """Minor units; 0 for a deal that is void."""
    came_with: str | None = None
    """The merged file whose deal it was."""


async def node_of(tx: Transaction, client: Client) -> Node:
    """The client's place among the referrals; one of their own when there was none yet."""
    document = await tx.collection(NODES).find_one({"_id": client.id}, session=tx.session)
    if document is not None:
        return to_node(document)
    return Node(
        id=client.id, agent_id=client.agent_id, org_path=client.org_path, company_id=client.company_id
    )


async def node_by_id(tx: Transaction, client_id: str) -> Node | None:
    """The same by the client's id; None for a client that is not known."""
    document = await tx.collection(NODES).find_one({"_id": client_id}, session=tx.session)
    if document is not None:
        return to_node(document)
    try:
        client = (await CLIENTS.get(tx, client_id)).value
    except NotFound:
        return None
    return await node_of(tx, client)


async def trees_with(tx: Transaction, *nodes: Node) -> dict[str, Node]:
    """All clients of the trees in which these stand, by id; with these themselves as they are given."""
    roots = list({(node.ancestors or (node.id,))[0] for node in nodes} | {node.id for node in nodes})
    found = tx.collection(NODES).find(
        {"$or": [{"_id": {"$in": roots}}, {"ancestors": {"$in": roots}}]}, session=tx.session
    )
    known = {document["_id"]: to_node(document) for document in await found.to_list(None)}
    return {**known, **{node.id: node for node in nodes}}


async def keep_nodes(tx: Transaction, nodes: Iterable[Node]) -> None:
    """Keep all of these, changed or not: two who change one tree at once get in each other's way, and one waits."""
    writes = [ReplaceOne({"_id": node.id}, _document(node), upsert=True) for node in nodes]
    if writes:
        await tx.collection(NODES).bulk_write(writes, ordered=False, session=tx.session)


async def add_value(tx: Transaction, node: Node, change: Money) -> None:
    """Count commission for the client, and for everybody above."""
    if not change:
        return
    if await tx.collection(NODES).find_one({"_id": node.id}, {"_id": 1}, session=tx.session) is None:
        await keep_nodes(tx, [node])
    for ids, name in (([node.id], "own"), (list(node.ancestors), "below")):
        await tx.collection(NODES).update_many(
            {"_id": {"$in": ids}},
            {"$inc": {f"{name}.{currency}": amount for currency, amount in change.items()}},
            session=tx.session,
        )


async def counted(tx: Transaction, deal_id: str) -> Counted | None:
    """The deal as it was counted last; None when it never was."""
    document = await tx.collection(DEALS).find_one({"_id": deal_id}, session=tx.session)
    return CONVERTER.structure({**document, "id": document["_id"]}, Counted) if document else None


async def keep_counted(tx: Transaction, deal: Counted) -> None:
    """Keep how the deal was counted."""
    document = CONVERTER.unstructure(deal)
    del document["id"]
    await tx.collection(DEALS).replace_one({"_id": deal.id}, document, upsert=True, session=tx.session)


async def pass_deals(tx: Transaction, wanted: Document, change: Document) -> None:
    """Write deals of one file to another's account."""
    await tx.collection(DEALS).update_many(wanted, {"$set": change}, session=tx.session)


async def sums_of(tx: Transaction, client_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """What the deals of these clients are worth, from the deals themselves, by client and currency."""
    rows = await tx.aggregate(
        DEALS,
        [
            {"$match": {"client_id": {"$in": list(client_ids)}}},
            {
                "$group": {
                    "_id": {"client": "$client_id", "currency": "$currency"},
                    "sum": {"$sum": "$commission"},
                }
            },
        ],
    )
    sums: dict[str, dict[str, int]] = {client_id: {} for client_id in client_ids}
    for row in rows:
        if row["sum"]:
            sums[row["_id"]["client"]][row["_id"]["currency"]] = row["sum"]
    return sums


async def set_owner(tx: Transaction, client_id: str, agent_id: str | None, org_path: tuple[str, ...]) -> None:
    """Write down who has the client now."""
    await tx.collection(NODES).update_one(
        {"_id": client_id}, {"$set": {"agent_id": agent_id, "org_path": list(org_path)}}, session=tx.session
    )


def to_node(document: Document) -> Node:
    """The node that a document holds."""
    return CONVERTER.structure({**document, "id": document["_id"]}, Node)


def _document(node: Node) -> Document:
    document: Document = CONVERTER.unstructure(node)
    del document["id"]
    return document

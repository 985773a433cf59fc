"""Use cases of referrals."""

from dataclasses import dataclass, replace

from services.chassis.errors import N_
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.files.model import Client, agent_of
from services.clients.files.store import CLIENTS
from services.clients.referrals import store
from services.clients.referrals.model import Node, grown, require_possible
from services.contracts.clients import ReferralMade

NOT_YOURS = N_("Choose one of your clients")


@dataclass(frozen=True, kw_only=True)
class NameReferrer:
    client_id: str
    referrer_id: str | None
    """None: nobody brought them after all."""
    expected_version: int | None = None


async def name_referrer(tx: Transaction, command: NameReferrer) -> Stored[Client]:
    """Write down who brought the client; others hear of it once, also when it is put right later.

    Raises `NotFound`, `StaleVersion`, `Invalid`, `Conflict` for a circle and for a client in the pool.
    """
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    client = stored.value
    before = await store.node_of(tx, client)
    if before.referrer_id == command.referrer_id:
        return stored
    if command.referrer_id is None:
        nobody = replace(before, referrer_id=None, came_with=None, inherited_from=None, own_referrer_id=None)
        await _regrow(tx, [before], nobody)
        return stored
    referrer = (await CLIENTS.get(tx, command.referrer_id)).value
    above = await store.node_of(tx, referrer)
    require_possible(before, above)
    agent_id = agent_of(client)
    after = replace(
        before,
        referrer_id=referrer.id,
        made_at=before.made_at or tx.now,
        came_with=None,
        inherited_from=None,
        own_referrer_id=None,
    )
    await _regrow(tx, [before, above], after, above)
    if before.made_at is not None:
        return stored
    event = ReferralMade(
        occurred_at=tx.now,
        client_id=client.id,
        agent_id=agent_id,
        org_path=client.org_path,
        referrer_client_id=referrer.id,
    )
    return await CLIENTS.save(tx, stored, client, event)


async def _regrow(tx: Transaction, standing_in: list[Node], *changed: Node) -> None:
    nodes = await store.trees_with(tx, *standing_in)
    nodes.update({node.id: node for node in changed})
    await store.keep_nodes(tx, grown(nodes.values()))


async def count_deal(
    tx: Transaction, deal_id: str, client_id: str, sequence: int, currency: str, commission: int
) -> None:
    """Count a deal for its client and everybody above; what was counted for it before counts no longer.

    An event that comes again, or after a later one, changes nothing.
    """
    before = await store.counted(tx, deal_id)
    if before is not None and before.sequence >= sequence:
        return
    node = await _standing_for(tx, before.client_id if before is not None else client_id)
    if node is None:
        return
    came_with = before.came_with if before is not None else (client_id if node.id != client_id else None)
    after = store.Counted(deal_id, node.id, sequence, currency, commission, came_with)
    change: dict[str, int] = {currency: commission}
    if before is not None:
        change[before.currency] = change.get(before.currency, 0) - before.commission
    await store.keep_counted(tx, after)
    await store.add_value(tx, node, {name: amount for name, amount in change.items() if amount})


async def undo_deal(tx: Transaction, deal_id: str, client_id: str, sequence: int) -> None:
    """A deal is void: it is worth nothing any more, to nobody above either."""
    before = await store.counted(tx, deal_id)
    currency = before.currency if before is not None else "CNY"
    await count_deal(tx, deal_id, client_id, sequence, currency, 0)


async def merge(tx: Transaction, kept_id: str, merged_id: str) -> None:
    """What the merged file brought, and was worth, is the kept one's; and its referrer, where that one has none."""
    kept = await store.node_by_id(tx, kept_id)
    if kept is None or kept_id == merged_id:
        return
    # The file itself is gone already; what is still to be heard of it goes to the kept one.
    alone = Node(merged_id, kept.agent_id, kept.org_path, kept.company_id)
    merged = await store.node_by_id(tx, merged_id) or alone
    if merged.merged_into is not None:
        return
    nodes = await store.trees_with(tx, kept, merged)
    nodes[merged_id] = replace(merged, merged_into=kept_id, own={})
    for node in list(nodes.values()):
        if node.referrer_id == merged_id and node.id != kept_id:
            nodes[node.id] = replace(node, referrer_id=kept_id, came_with=merged_id)
    referrer_id = kept.referrer_id
    if _above(nodes, referrer_id, kept_id) or referrer_id == merged_id:
        # The kept one was brought by its own double, if only by others.
        referrer_id = None
    if referrer_id is None and not _above(nodes, merged.referrer_id, kept_id):
        referrer_id = merged.referrer_id
    if referrer_id != kept.referrer_id:
        nodes[kept_id] = replace(
            nodes[kept_id],
            referrer_id=referrer_id,
            inherited_from=merged_id,
            own_referrer_id=kept.referrer_id,
        )
    await store.pass_deals(tx, {"client_id": merged_id}, {"client_id": kept_id, "came_with": merged_id})
    nodes[kept_id] = replace(nodes[kept_id], own=(await store.sums_of(tx, [kept_id]))[kept_id])
    await store.keep_nodes(tx, grown(nodes.values()))


async def undo_merge(tx: Transaction, kept_id: str, merged_id: str) -> None:
    """Each file has again what was its own."""
    kept, merged = await store.node_by_id(tx, kept_id), await store.node_by_id(tx, merged_id)
    if kept is None or merged is None or merged.merged_into != kept_id:
        return
    nodes = await store.trees_with(tx, kept, merged)
    nodes[merged_id] = replace(merged, merged_into=None)
    for node in list(nodes.values()):
        if node.came_with == merged_id:
            nodes[node.id] = replace(node, referrer_id=merged_id, came_with=None)
    if kept.inherited_from == merged_id:
        back = None if _above(nodes, kept.own_referrer_id, kept_id) else kept.own_referrer_id
        nodes[kept_id] = replace(nodes[kept_id], referrer_id=back, inherited_from=None, own_referrer_id=None)
    if _above(nodes, merged.referrer_id, merged_id):
        nodes[merged_id] = replace(nodes[merged_id], referrer_id=None)
    await store.pass_deals(tx, {"came_with": merged_id}, {"client_id": merged_id, "came_with": None})
    sums = await store.sums_of(tx, [kept_id, merged_id])
    for client_id in (kept_id, merged_id):
        nodes[client_id] = replace(nodes[client_id], own=sums[client_id])
    await store.keep_nodes(tx, grown(nodes.values()))


def _above(nodes: dict[str, Node], client_id: str | None, searched_id: str) -> bool:
    """Whether somebody stands above this client in these trees, or is this client."""
    seen: set[str] = set()
    while client_id is not None and client_id not in seen:
        if client_id == searched_id:
            return True
        seen.add(client_id)
        client_id = nodes[client_id].referrer_id if client_id in nodes else None
    return False


async def _standing_for(tx: Transaction, client_id: str) -> Node | None:
    """The node that stands for this client: its own, or that of the file it was merged into."""
    node = await store.node_by_id(tx, client_id)
    for _ in range(10):
        if node is None or node.merged_into is None:
            break
        node = await store.node_by_id(tx, node.merged_into)
    return node

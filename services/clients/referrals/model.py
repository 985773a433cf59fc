"""Referrals (转介绍): who brought whom, as a forest of clients, and what it is worth. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.chassis.errors import N_, Conflict, FieldError, Invalid

Money = Mapping[str, int]
"""Minor units by currency (ISO 4217)."""
DEEPEST = 40
"""Steps from the first client of a tree to the last; far more than anybody was ever brought by."""


@dataclass(frozen=True)
class Node:
    """A client among those who brought them and those they brought."""

    id: str
    """The client's."""
    agent_id: str | None
    org_path: tuple[str, ...]
    company_id: str
    referrer_id: str | None = None
    """Who brought them; None: nobody, or nobody knows."""
    ancestors: tuple[str, ...] = ()
    """From the first client of the tree to the referrer."""
    made_at: datetime | None = None
    """When it was first written down who brought them."""
    brought: int = 0
    """Clients they brought themselves."""
    brought_below: int = 0
    """Clients anywhere below them, those they brought included."""
    own: dict[str, int] = field(default_factory=dict)
    """Commission of their own deals that hold, by currency."""
    below: dict[str, int] = field(default_factory=dict)
    """The same of everybody below them."""
    merged_into: str | None = None
    """The file that stands for this one since they were merged."""
    came_with: str | None = None
    """The merged file by which they came to their referrer; it goes back when the merge is undone."""
    inherited_from: str | None = None
    """The merged file because of which they have another referrer than before, or none."""
    own_referrer_id: str | None = None
    """The one they had before that."""

    @property
    def lifetime(self) -> dict[str, int]:
        """What the client and everybody they brought were worth, by currency."""
        return added(self.own, self.below)


def added(*amounts: Money) -> dict[str, int]:
    """The sums by currency; what is nothing is left out."""
    total: dict[str, int] = {}
    for some in amounts:
        for currency, amount in some.items():
            total[currency] = total.get(currency, 0) + amount
    return {currency: amount for currency, amount in sorted(total.items()) if amount}


def require_possible(client: Node, referrer: Node) -> None:
    """Do nothing when this client can have been brought by that one.

    Raises `Invalid` for oneself and for another company's, `Conflict` when it would go round in a circle.
    """
    if client.id == referrer.id:
        raise Invalid(errors=[FieldError("/client_id", N_("Nobody brings themselves"))])
    if client.company_id != referrer.company_id:
        raise Invalid(errors=[FieldError("/client_id", N_("Choose one of your clients"))])
    if client.id in referrer.ancestors:
        raise Conflict(N_("This client was brought by the one you are looking at, if only by others"))
    if len(referrer.ancestors) >= DEEPEST:
        raise Conflict(N_("This chain of referrals is too long"))


def grown(nodes: Iterable[Node]) -> list[Node]:
    """The same nodes, whole trees of them, with ancestors and figures as their referrers and own figures make them.

    Who names a referrer that is not among them stands at the top. Raises ValueError for a circle.
    """
    by_id = {node.id: node for node in nodes}
    children: dict[str | None, list[str]] = {}
    for node in by_id.values():
        above = node.referrer_id if node.referrer_id in by_id and node.merged_into is None else None
        children.setdefault(above, []).append(node.id)
    order: list[str] = []
    ancestors: dict[str, tuple[str, ...]] = {}
    waiting = [(node_id, ()) for node_id in children.get(None, [])]
    queue: list[tuple[str, tuple[str, ...]]] = list(waiting)
    while queue:
        node_id, above_them = queue.pop()
        ancestors[node_id] = above_them
        order.append(node_id)
        queue.extend((child, (*above_them, node_id)) for child in children.get(node_id, []))
    if len(order) != len(by_id):
        raise ValueError("the referrals go round in a circle")
    result: dict[str, Node] = {}
    for node_id in reversed(order):
        below = [result[child] for child in children.get(node_id, [])]
        result[node_id] = replace(
            by_id[node_id],
            ancestors=ancestors[node_id],
            brought=len(below),
            brought_below=sum(1 + node.brought_below for node in below),
            below=added(*(node.lifetime for node in below)),
        )
    return [result[node_id] for node_id in by_id]


@dataclass(frozen=True)
class Branch:
    """A client of a tree, with those they brought."""

    node: Node
    children: tuple["Branch", ...]


def branch_of(top: Node, nodes: Sequence[Node]) -> Branch:
    """The tree below this client; who is worth most comes first."""
    children: dict[str, list[Node]] = {}
    for node in nodes:
        if node.referrer_id is not None and node.merged_into is None:
            children.setdefault(node.referrer_id, []).append(node)

    def grow(node: Node, depth: int) -> Branch:
        theirs = children.get(node.id, []) if depth < DEEPEST else []
        ordered = sorted(
            theirs, key=lambda each: (-sum(each.lifetime.values()), -each.brought_below, each.id)
        )
        return Branch(node, tuple(grow(each, depth + 1) for each in ordered))

    return grow(top, 0)

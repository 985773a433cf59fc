"""What changes in a file without concerning other services: a line of the timeline and an entry of the audit trail."""

from collections.abc import Sequence

from services.chassis.identity import new_id
from services.chassis.personal_data.audit import Did, Look, Viewer, record_looks
from services.chassis.work import Transaction
from services.contracts.clients import CLIENT


def tell(tx: Transaction, client_id: str, name: str, **facts: object) -> None:
    """Put a line of this name into the client's timeline; facts are codes and numbers, nothing personal."""
    tx.timeline.append(
        {
            "_id": new_id(tx.now),
            "about": client_id,
            "aggregate": CLIENT.name,
            "name": name,
            "at": tx.now,
            "by": tx.actor,
            "facts": {"client_id": client_id, **facts},
        }
    )


async def audit(
    tx: Transaction, did: Did, client_ids: Sequence[str], fields: Sequence[str], door: str
) -> None:
    """Write down that whoever acts did this with these fields of these clients."""
    looks = [Look(client_id, tuple(fields)) for client_id in client_ids]
    await record_looks(tx.database, Viewer(tx.actor, door), looks, tx.now, tx.session, did)

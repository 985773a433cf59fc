"""The directory follows recruiting's events: this service's own copy of units and people.

Each document is made of the events of one aggregate alone, and remembers the sequence of the last one it took in, so
redelivery and a replay from the beginning change nothing, and the two topics may arrive in any order.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from services.chassis.mongo import Document
from services.chassis.organisation.model import add_grant, drop_grant
from services.chassis.work import Transaction
from services.contracts.envelope import Received
from services.contracts.event import Event
from services.contracts.organisation import Role
from services.contracts.recruiting import (
    AgentHired,
    AgentLeft,
    AgentMoved,
    PersonRegistered,
    RoleGranted,
    RoleRevoked,
    UnitClosed,
    UnitMoved,
    UnitOpened,
    UnitRenamed,
)

UNITS = "units"
PEOPLE = "people"

Handler = Callable[[Transaction, Received[Any]], Awaitable[None]]
Change = Callable[[Document], Document]


async def _apply(tx: Transaction, collection: str, received: Received[Any], change: Change) -> None:
    """Keep what the change makes of the document, unless this event, or a later one, was taken in before."""
    id_, sequence = received.envelope.subject, received.envelope.sequence
    before = await tx.collection(collection).find_one({"_id": id_}, session=tx.session)
    if before is not None and before["sequence"] >= sequence:
        return
    after = {**change(before or {"_id": id_}), "sequence": sequence}
    await tx.collection(collection).replace_one({"_id": id_}, after, upsert=True, session=tx.session)


async def unit_opened(tx: Transaction, received: Received[UnitOpened]) -> None:
    event = received.event
    await _apply(
        tx,
        UNITS,
        received,
        lambda unit: {
            **unit,
            "kind": event.kind.value,
            "name": event.name,
            "parent_id": event.parent_id,
            "org_path": list(event.org_path),
            "time_zone": event.time_zone,
            "period_start_day": event.period_start_day,
            "closed": False,
        },
    )


async def unit_renamed(tx: Transaction, received: Received[UnitRenamed]) -> None:
    await _apply(tx, UNITS, received, lambda unit: {**unit, "name": received.event.name})


async def unit_moved(tx: Transaction, received: Received[UnitMoved]) -> None:
    event = received.event
    await _apply(
        tx,
        UNITS,
        received,
        lambda unit: {**unit, "parent_id": event.parent_id, "org_path": list(event.org_path)},
    )


async def unit_closed(tx: Transaction, received: Received[UnitClosed]) -> None:
    await _apply(tx, UNITS, received, lambda unit: {**unit, "closed": True})


async def person_registered(tx: Transaction, received: Received[PersonRegistered]) -> None:
    event = received.event
    await _apply(
        tx,
        PEOPLE,
        received,
        lambda person: {
            "grants": [],
            **person,
            "name": event.name,
            "unit_id": event.unit_id,
            "org_path": list(event.org_path),
        },
    )


async def agent_hired(tx: Transaction, received: Received[AgentHired]) -> None:
    event = received.event
    await _apply(
        tx,
        PEOPLE,
        received,
        lambda person: {
            **person,
            "name": event.name,
            "unit_id": event.unit_id,
            "org_path": list(event.org_path),
            "start_date": event.start_date.isoformat(),
            "mentor_id": event.mentor_id,
            "left_on": None,
            "grants": add_grant(person.get("grants", []), Role.AGENT, event.unit_id, event.org_path),
        },
    )


async def agent_moved(tx: Transaction, received: Received[AgentMoved]) -> None:
    event = received.event
    await _apply(
        tx,
        PEOPLE,
        received,
        lambda person: {
            "name": "",
            **person,
            "unit_id": event.unit_id,
            "org_path": list(event.org_path),
            "grants": add_grant(
                drop_grant(person.get("grants", []), Role.AGENT, event.previous_org_path[-1]),
                Role.AGENT,
                event.unit_id,
                event.org_path,
            ),
        },
    )


async def agent_left(tx: Transaction, received: Received[AgentLeft]) -> None:
    """They may do nothing any more; their name stays, for what they did."""
    event = received.event
    await _apply(
        tx,
        PEOPLE,
        received,
        lambda person: {
            "name": "",
            "unit_id": event.unit_id,
            "org_path": list(event.org_path),
            **person,
            "grants": [],
            "left_on": event.last_day.isoformat(),
        },
    )


async def role_granted(tx: Transaction, received: Received[RoleGranted]) -> None:
    event = received.event
    await _apply(
        tx,
        PEOPLE,
        received,
        lambda person: {
            "name": "",
            "unit_id": event.unit_id,
            "org_path": list(event.org_path),
            **person,
            "left_on": None,
            "grants": add_grant(person.get("grants", []), event.role, event.unit_id, event.org_path),
        },
    )


async def role_revoked(tx: Transaction, received: Received[RoleRevoked]) -> None:
    event = received.event
    await _apply(
        tx,
        PEOPLE,
        received,
        lambda person: {
            **person,
            "grants": drop_grant(person.get("grants", []), event.role, event.unit_id),
        },
    )


HANDLERS: dict[type[Event], Handler] = {
    UnitOpened: unit_opened,
    UnitRenamed: unit_renamed,
    UnitMoved: unit_moved,
    UnitClosed: unit_closed,
    PersonRegistered: person_registered,
    AgentHired: agent_hired,
    AgentMoved: agent_moved,
    AgentLeft: agent_left,
    RoleGranted: role_granted,
    RoleRevoked: role_revoked,
}
"""What a service's reader calls for each of recruiting's events that the directory follows."""

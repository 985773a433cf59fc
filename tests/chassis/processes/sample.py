"""A service as small as one can be that still goes the whole way: request, event, effect, due item, effect.

python -m tests.chassis.processes.sample worker --health-port 8111
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, FastAPI, Request

from services.chassis.identity import new_id
from services.chassis.mongo import Document, Indexes
from services.chassis.organisation import directory
from services.chassis.processes.command_line import main
from services.chassis.processes.definition import Runtime, ServiceDefinition
from services.chassis.records import Records
from services.chassis.schedule.items import DueItem, plan
from services.chassis.schedule.runner import SchedulePolicy
from services.chassis.streams.policies import ReaderPolicy, StreamPolicy
from services.chassis.streams.subscription import Subscription
from services.chassis.web.app import create_app
from services.chassis.web.site import site_of
from services.chassis.work import Cause, Transaction, UnitOfWork
from services.contracts.clients import CLIENT, ClientRegistered, ClientSource
from services.contracts.envelope import Received

NAME = "clients"
CLIENTS, GREETINGS, REMINDERS, COUNTS = "clients", "greetings", "reminders", "counts"
INDEXES: Indexes = {CLIENTS: (), GREETINGS: (), REMINDERS: (), COUNTS: ()}


@dataclass(frozen=True)
class Client:
    id: str
    org_path: tuple[str, ...]


RECORDS = Records(CLIENTS, Client, aggregate=CLIENT, org_path=lambda client: client.org_path)
routes = APIRouter()


@routes.post("/clients", status_code=201)
async def register_route(request: Request) -> dict[str, str]:
    site = site_of(request)
    cause = Cause(correlation_id=request.scope["muster.correlation_id"])
    return {"id": await UnitOfWork(site.mongo, site.clock, site.source, cause).run(register)}


async def register(tx: Transaction) -> str:
    client = Client(new_id(tx.now), ("company", "branch"))
    event = ClientRegistered(
        occurred_at=tx.now,
        client_id=client.id,
        agent_id="agent",
        org_path=client.org_path,
        source=ClientSource.WALK_IN,
    )
    await RECORDS.add(tx, client, event)
    return client.id


async def greet(tx: Transaction, received: Received[ClientRegistered]) -> None:
    """One greeting for each event, and a reminder planned because of it; doubles would show in the count."""
    if await tx.collection(GREETINGS).find_one({"_id": received.envelope.id}, session=tx.session):
        return
    await _note(tx, GREETINGS, [{"_id": received.envelope.id, "client": received.event.client_id}])
    key = f"reminder:{received.envelope.id}"
    await plan(tx, key, "remind", tx.now + timedelta(milliseconds=100), {"client": received.event.client_id})


async def remind(tx: Transaction, items: Sequence[DueItem]) -> None:
    """One reminder for each due item."""
    reminders = [
        {"_id": item.key, "client": item.payload["client"], "traceparent": item.cause_of(tx).traceparent}
        for item in items
    ]
    await _note(tx, REMINDERS, reminders)


async def _note(tx: Transaction, collection: str, documents: list[Document]) -> None:
    await tx.collection(collection).insert_many(documents, session=tx.session)
    counted = {"$inc": {"times": len(documents)}}
    await tx.collection(COUNTS).update_one({"_id": collection}, counted, upsert=True, session=tx.session)


def build_api(runtime: Runtime) -> FastAPI:
    return create_app(
        NAME, connect=runtime.connect, prepare=runtime.prepare, clock=runtime.clock, api=[routes]
    )


DEFINITION = ServiceDefinition(
    NAME,
    indexes=[INDEXES, directory.INDEXES],
    build_api=build_api,
    subscription=lambda _: Subscription(NAME, tables=[{ClientRegistered: greet}]),
    due_handlers=lambda _: {"remind": remind},
    stream_policy=StreamPolicy(
        reader=ReaderPolicy(), session_timeout_seconds=6.0, heartbeat_seconds=1.0, commit_seconds=0.2
    ),
    schedule_policy=SchedulePolicy(lease=timedelta(seconds=3)),
    relay_lease=timedelta(seconds=3),
)

if __name__ == "__main__":
    main(DEFINITION)

"""The yardstick for a command: one FastAPI handler on Motor that writes the same documents in the same transaction.

`python -m benchmarks.bare --port 8000 --database name`, with MONGODB_URI. No sign-in, no rights, no versions for the
caller, no problem+json, no correlation, no limits, no metrics, no log: what somebody would write for one route. With
`?by=<person>` it looks who that is and whether the client is theirs before it begins, as any real route has to.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
import uvicorn
from cyclopts import App
from fastapi import FastAPI, HTTPException
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern
from uuid_utils import uuid7


class GradeIn(BaseModel):
    grade: Literal["A", "B", "C"]
    intent: Literal["real", "potential", "latent"]
    reason: str


class ClientOut(BaseModel):
    """Field for field what the real route answers."""

    id: str
    version: int
    agent_id: str
    org_path: list[str]
    source: str
    registered_at: datetime
    grade: str | None
    intent: str
    graded_by: str | None
    grade_reason: str | None
    suggestion: None
    touched_at: datetime
    lost: bool
    next_follow_up: None


def app_on(uri: str, database: str) -> FastAPI:
    """The application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.client = AsyncIOMotorClient(uri, tz_aware=True, w="majority")
        yield
        app.state.client.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/readyz")
    async def ready() -> None:
        await app.state.client.admin.command("ping")

    @app.put("/clients/{client_id}/grade")
    async def grade(client_id: str, body: GradeIn, by: str = "") -> ClientOut:
        store = app.state.client[database]
        if by:
            person = await store.people.find_one({"_id": by})
            client = await store.clients.find_one({"_id": client_id})
            if person is None or client is None or client["agent_id"] != person["_id"]:
                raise HTTPException(404)
        now = datetime.now(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)

        async def attempt(session: Any) -> dict[str, Any]:
            before = await store.clients.find_one({"_id": client_id}, session=session)
            if before is None:
                raise HTTPException(404)
            event_id = str(uuid7())
            after = {
                **before,
                "version": before["version"] + 1,
                "sequence": before["sequence"] + 1,
                "last_event_id": event_id,
                "updated_at": now,
                "grading": {**body.model_dump(), "by": "hand", "at": now},
                "suggestion": None,
            }
            answer = await store.clients.replace_one(
                {"_id": client_id, "version": before["version"]}, after, session=session
            )
            if answer.matched_count == 0:
                raise HTTPException(412)
            event = _event(before, after, now)
            await store.timeline.insert_one(_entry(after, event, now), session=session)
            await store.outbox.insert_one(_outgoing(after, event, now), session=session)
            return after

        async with await app.state.client.start_session() as session:
            after = await session.with_transaction(
                attempt,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority", j=True),
            )
        return ClientOut(
            id=after["_id"],
            version=after["version"],
            agent_id=after["agent_id"],
            org_path=after["org_path"],
            source=after["source"],
            registered_at=after["registered_at"],
            grade=body.grade,
            intent=body.intent,
            graded_by="hand",
            grade_reason=body.reason,
            suggestion=None,
            touched_at=after["standing"]["touched_at"],
            lost=after["standing"]["lost"],
            next_follow_up=None,
        )

    return app


def _event(before: dict[str, Any], after: dict[str, Any], now: datetime) -> dict[str, Any]:
    grading = after["grading"]
    return {
        "occurred_at": now,
        "client_id": after["_id"],
        "agent_id": after["agent_id"],
        "org_path": after["org_path"],
        "grade": grading["grade"],
        "previous_grade": before["grading"]["grade"] if before["grading"] else None,
        "intent": grading["intent"],
        "graded_by": "hand",
        "reason": grading["reason"],
    }


def _entry(after: dict[str, Any], event: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "_id": after["last_event_id"],
        "about": after["_id"],
        "aggregate": "client",
        "name": "client-graded",
        "at": now,
        "by": after["agent_id"],
        "facts": {name: value for name, value in event.items() if name != "occurred_at"},
    }


def _outgoing(after: dict[str, Any], event: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "_id": after["last_event_id"],
        "aggregatetype": "muster.clients.client",
        "aggregateid": after["_id"],
        "type": "io.muster.clients.client-graded.v1",
        "sequence": after["sequence"],
        "payload": orjson.dumps(event, option=orjson.OPT_UTC_Z).decode(),
        "headers": {
            "source": "/muster/clients",
            "time": now,
            "dataschema": "https://schemas.muster.io/clients/client-graded/v1.0.json",
            "orgpath": "/".join(after["org_path"]),
            "correlationid": str(uuid7()),
            "causationid": None,
            "traceparent": None,
        },
    }


def serve(*, port: int, database: str) -> None:
    """Serve until asked to stop, with the same server and settings as the real API."""
    uvicorn.run(
        app_on(os.environ["MONGODB_URI"], database),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=65,
    )


if __name__ == "__main__":
    command_line = App(name="python -m benchmarks.bare")
    command_line.default(serve)
    command_line()

"""MongoDB: the only file that names the driver.

Motor is past its end of life, so nothing else imports it. To change to PyMongo's own async client, replace
`AsyncIOMotorClient` by `AsyncMongoClient` here, await `aggregate`, `watch` and `start_session` inside the three
methods that use them, and the aliases below.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, TypeVar

from bson import Binary
from bson import decode as decode_bson
from bson import encode as encode_bson

# Motor works on threads, by default five for each processor, and every open change stream keeps one waiting. With the
# default, a page that watches a few collections on a small machine would leave none for the queries.
os.environ.setdefault("MOTOR_MAX_WORKERS", "64")

from motor.motor_asyncio import (
    AsyncIOMotorChangeStream,
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import (
    ASCENDING,
    DESCENDING,
    DeleteMany,
    DeleteOne,
    IndexModel,
    InsertOne,
    MongoClient,
    ReplaceOne,
    ReturnDocument,
    UpdateMany,
    UpdateOne,
)
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.chassis.errors import Problem, StoreUnavailable

__all__ = [
    "ASCENDING",
    "DESCENDING",
    "Binary",
    "BulkWriteError",
    "ChangeStream",
    "Collection",
    "Database",
    "DeleteMany",
    "DeleteOne",
    "Document",
    "DuplicateKeyError",
    "IndexModel",
    "Indexes",
    "InsertOne",
    "Mongo",
    "MongoClient",
    "OperationFailure",
    "PyMongoError",
    "ReadConcern",
    "ReplaceOne",
    "ReturnDocument",
    "Session",
    "TransactionsUnavailable",
    "UpdateMany",
    "UpdateOne",
    "decode_bson",
    "encode_bson",
    "is_transient",
    "passes_by_itself",
]

Document: TypeAlias = dict[str, Any]
Database: TypeAlias = AsyncIOMotorDatabase[Document]
Collection: TypeAlias = AsyncIOMotorCollection[Document]
Session: TypeAlias = AsyncIOMotorClientSession
ChangeStream: TypeAlias = AsyncIOMotorChangeStream[Document]
Indexes: TypeAlias = Mapping[str, Sequence[IndexModel]]
"""Collections by name, each with the indexes its queries need."""

T = TypeVar("T")

_NAMESPACE_EXISTS = 48


class TransactionsUnavailable(Problem):
    """The server is a standalone one: without transactions an event could be lost, so we do not start."""

    status = 503
    code = "transactions-unavailable"


def is_transient(error: BaseException) -> bool:
    """True when trying again later can succeed: the server is away, busy, changing its primary, or in conflict."""
    if isinstance(error, ConnectionFailure | ExecutionTimeout):
        return True
    return isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError")
        or error.has_error_label("UnknownTransactionCommitResult")
        or error.has_error_label("RetryableWriteError")
    )


def passes_by_itself(error: BaseException) -> bool:
    """True for failures of the machinery: no event and no item is to blame, and the same work can succeed later."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(passes_by_itself, error.exceptions))
    return is_transient(error) or isinstance(error, StoreUnavailable | ConnectionError | TimeoutError)


class Mongo:
    """One client and one database of one service."""

    def __init__(self, client: "AsyncIOMotorClient[Document]", database: str) -> None:
        self.client = client
        self.database: Database = client.get_database(database)

    @classmethod
    def connect(cls, uri: str, database: str, *, server_selection_seconds: float = 5.0) -> "Mongo":
        """A client that connects when first used; must be called while the event loop runs."""
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            uri,
            tz_aware=True,
            appname=database,
            serverSelectionTimeoutMS=int(server_selection_seconds * 1000),
            w="majority",
        )
        return cls(client, database)

    def close(self) -> None:
        """Give back the connections."""
        self.client.close()

    def collection(self, name: str) -> Collection:
        """The collection of this name in the service's database."""
        return self.database.get_collection(name)

    async def check(self) -> None:
        """Do nothing when the server can keep our promises; raise `TransactionsUnavailable` when it cannot."""
        hello = await self.client.admin.command("hello")
        if not hello.get("setName") and hello.get("msg") != "isdbgrid":
            raise TransactionsUnavailable(
                "The MongoDB server runs alone, without a replica set, so it has no transactions and Muster "
                "could lose events. Start mongod with --replSet and run rs.initiate() once (one node is enough)."
            )

    async def prepare(self, indexes: Indexes) -> None:
        """Create collections and indexes that are missing. Runs before any transaction needs them."""
        existing = set(await self.database.list_collection_names())
        for name, models in indexes.items():
            if name not in existing:
                try:
                    await self.database.create_collection(name, check_exists=False)
                except OperationFailure as error:
                    if error.code != _NAMESPACE_EXISTS:
                        raise
            if models:
                await self.collection(name).create_indexes(list(models))

    async def transaction(self, callback: Callable[[Session], Awaitable[T]]) -> T:
        """Run the callback in one transaction and return its result.

        Reads see one snapshot; the write is acknowledged by a majority, journaled. A write conflict runs the
        callback again, so it must have no effect outside the transaction.
        """

        async def attempt(session: Session) -> T:
            return await callback(session)

        async with self.session() as session:
            result: T = await session.with_transaction(
                attempt,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority", j=True),
            )
            return result

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session of the driver, for what has to stay together on the server.

        The driver asks a node only once, while connecting, whether it has sessions. One that starts says no until it
        has recovered, and with `directConnection` it is connected to all the same; such a connection would be handed
        out, and fail, for ever. So the connections are given up then, and the failure is one that passes.
        """
        async with await self.client.start_session() as session:
            try:
                yield session
            except ConfigurationError as error:
                if "Sessions are not supported" not in str(error):
                    raise
                for server in list(self.client.delegate._topology._servers.values()):
                    server.pool.reset_without_pause()
                raise AutoReconnect("the node was still recovering when it was connected to") from error

    async def aggregate(
        self,
        collection: str,
        pipeline: Sequence[Mapping[str, Any]],
        session: Session | None = None,
    ) -> list[Document]:
        """All documents that the pipeline gives."""
        return await self.collection(collection).aggregate(list(pipeline), session=session).to_list(None)

    @asynccontextmanager
    async def watch(
        self,
        collection: str,
        pipeline: Sequence[Mapping[str, Any]] = (),
        *,
        full_document: str | None = None,
        resume_after: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[ChangeStream]:
        """A change stream on one collection that delivers, by `async for`, every change from this moment on.

        The moment is the server's: a write that is acknowledged inside the body is never missed.
        """
        moment = None
        if resume_after is None:
            moment = (await self.client.admin.command("ping"))["operationTime"]
        async with self.collection(collection).watch(
            list(pipeline),
            full_document=full_document,
            resume_after=resume_after,
            start_at_operation_time=moment,
        ) as stream:
            yield stream

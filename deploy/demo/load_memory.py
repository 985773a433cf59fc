"""A service's collections held in memory while its history is written.

A command asks the database some twenty times. For 300,000 of them that is most of an hour; so what only the loader
reads and writes is kept here, and goes to the database in bulk at the end of each transaction. The commands do not
notice: they find the same documents under the same questions. A question that memory cannot answer is put to the
database, after what is pending was written there, so a new query in a service is slower but not wrong.

Nobody else may write these documents in the meantime.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

from deploy.demo.load_questions import BeyondMemory, by_fields, changed, matches, wanted
from services.chassis.mongo import (
    Collection,
    Document,
    DuplicateKeyError,
    InsertOne,
    Mongo,
    ReplaceOne,
    Session,
    UpdateOne,
)
from services.chassis.work import Transaction


@dataclass(frozen=True)
class Keep:
    """A collection to hold in memory."""

    name: str
    by: tuple[str, ...] = ()
    """Fields by which it is asked for."""
    only: tuple[str, str] | None = None
    """Field and value: documents that no longer have it are written and forgotten."""
    shared: bool = False
    """A worker may write the very same documents meanwhile, as it does with those of the directory."""
    to_the_end: bool = False
    """Nothing is written before `Memory.write_the_rest`."""


class HeldTransaction(Transaction):
    """A transaction whose commands find memory where they look for collections."""

    def collection(self, name: str) -> Collection:
        """The collection of this name, or what is held of it."""
        return self.mongo.collection(name)


class Memory(Mongo):
    """A service's database with these collections held."""

    def __init__(self, mongo: Mongo, keeps: Iterable[Keep]) -> None:
        super().__init__(mongo.client, mongo.database.name)
        self._journal: list[tuple[Shelf, str, Document | None]] = []
        self.shelves = {keep.name: Shelf(keep, mongo.collection(keep.name), self._journal) for keep in keeps}

    def collection(self, name: str) -> Collection:
        """The collection of this name, or what is held of it."""
        shelf = self.shelves.get(name)
        # it answers what services ask of a collection, and raises AttributeError for anything else
        return cast(Collection, shelf) if shelf is not None else super().collection(name)

    async def fetch(self) -> None:
        """Begin with what the database holds."""
        for shelf in self.shelves.values():
            await shelf.fetch()

    def begin(self, tx: Transaction) -> HeldTransaction:
        """The transaction with memory in it; what an attempt left that was not committed is forgotten."""
        for shelf, id_, before in reversed(self._journal):
            shelf.put_back(id_, before)
        self._journal.clear()
        fields = {name: getattr(tx, name) for name in tx.__dataclass_fields__}
        return HeldTransaction(**{**fields, "mongo": self})

    async def write(self, session: Session) -> None:
        """Write what has changed, in the transaction of this session."""
        for shelf in self.shelves.values():
            if not shelf.keep.to_the_end:
                await shelf.write(session)

    async def write_the_rest(self, session: Session) -> None:
        """Write what was held to the end."""
        for shelf in self.shelves.values():
            await shelf.write(session)

    def committed(self) -> None:
        """What was written is durable."""
        for shelf, id_, _ in self._journal:
            shelf.settle(id_)
        self._journal.clear()


class Shelf:
    """What is held of one collection. Documents on it are never changed, only replaced."""

    def __init__(
        self, keep: Keep, collection: Collection, journal: list[tuple["Shelf", str, Document | None]]
    ) -> None:
        self.keep = keep
        self.documents: dict[str, Document] = {}
        self.noticed: Callable[[Document], None] | None = None
        """Told of every document that is put here."""
        self._collection = collection
        self._journal = journal
        self._index: dict[str, dict[Any, set[str]]] = {field: {} for field in keep.by}
        self._stored: set[str] = set()
        self._pending: set[str] = set()
        self._forgotten: set[str] = set()

    async def fetch(self) -> None:
        """Begin with what the collection holds; with nothing where it is written at the end."""
        if self.keep.to_the_end:
            return
        question = dict([self.keep.only]) if self.keep.only else {}
        async for document in self._collection.find(question):
            self._place(document["_id"], document)
            self._stored.add(document["_id"])
        if self.keep.only:
            others = {self.keep.only[0]: {"$ne": self.keep.only[1]}}
            self._forgotten = {each["_id"] async for each in self._collection.find(others, {"_id": 1})}

    async def write(self, session: Session | None) -> None:
        """Write what is pending. What leaves a partial unique index goes first, to make room in it."""
        pending = sorted(
            (self.documents[id_] for id_ in self._pending), key=lambda document: self._stays(document)
        )
        stored, fresh = [], []
        for document in pending:
            if self.keep.to_the_end and not self._stays(document):
                continue
            if self.keep.shared or document["_id"] in self._stored:
                stored.append(ReplaceOne({"_id": document["_id"]}, document, upsert=self.keep.shared))
            else:
                fresh.append(document)
        if stored:
            await self._collection.bulk_write(stored, session=session)
        if fresh:
            await self._collection.insert_many(fresh, session=session)
        self._stored.update(each["_id"] for each in fresh)
        self._pending.clear()

    def settle(self, id_: str) -> None:
        """Forget the document when it is durable and will not be asked for."""
        document = self.documents.get(id_)
        if document is None or self._stays(document):
            return
        self._place(id_, None)
        if self.keep.to_the_end:
            self._pending.discard(id_)
        else:
            self._forgotten.add(id_)

    def put_back(self, id_: str, before: Document | None) -> None:
        """Undo one change."""
        self._place(id_, before)
        if before is None or not self.keep.to_the_end:
            self._pending.discard(id_)
        if before is None:
            self._stored.discard(id_)

    def find(
        self,
        question: Mapping[str, Any] | None = None,
        projection: Any = None,
        *,
        session: Session | None = None,
    ) -> "Found":
        """As of a collection; documents come whole."""
        return Found(self, dict(question or {}), session)

    async def find_one(
        self, question: Mapping[str, Any], projection: Any = None, *, session: Session | None = None
    ) -> Document | None:
        """As of a collection."""
        found = await self.find(question, session=session).limit(1).to_list(None)
        return found[0] if found else None

    async def count_documents(self, question: Mapping[str, Any], *, session: Session | None = None) -> int:
        """As of a collection."""
        return len(await self.find(question, session=session).to_list(None))

    async def insert_one(self, document: Document, *, session: Session | None = None) -> None:
        """As of a collection."""
        if document["_id"] in self.documents or document["_id"] in self._forgotten:
            raise DuplicateKeyError(f"{self.keep.name} has {document['_id']} already")
        self._change(document)

    async def insert_many(
        self, documents: Sequence[Document], *, ordered: bool = True, session: Session | None = None
    ) -> None:
        """As of a collection."""
        for document in documents:
            await self.insert_one(document)

    async def replace_one(
        self,
        question: Mapping[str, Any],
        document: Document,
        upsert: bool = False,
        *,
        session: Session | None = None,
    ) -> SimpleNamespace:
        """As of a collection."""
        found = await self.find_one(question, session=session)
        if found is not None or upsert:
            id_ = found["_id"] if found else question["_id"]
            self._change({**document, "_id": id_})
        return SimpleNamespace(matched_count=int(found is not None))

    async def update_one(
        self,
        question: Mapping[str, Any],
        change: Any,
        upsert: bool = False,
        *,
        session: Session | None = None,
    ) -> SimpleNamespace:
        """As of a collection."""
        found = await self.find_one(question, session=session)
        if found is not None:
            self._change(changed(found, change))
        elif upsert:
            self._change(changed({"_id": question["_id"]}, change, inserts=True))
        return SimpleNamespace(matched_count=int(found is not None))

    async def update_many(
        self, question: Mapping[str, Any], change: Mapping[str, Any], *, session: Session | None = None
    ) -> None:
        """As of a collection."""
        for document in await self.find(question, session=session).to_list(None):
            self._change(changed(document, change))

    async def bulk_write(
        self, writes: Sequence[Any], *, ordered: bool = True, session: Session | None = None
    ) -> None:
        """As of a collection."""
        for write in writes:
            if isinstance(write, InsertOne):
                await self.insert_one(write._doc)
            elif isinstance(write, UpdateOne):
                await self.update_one(write._filter, write._doc, bool(write._upsert), session=session)
            else:
                raise BeyondMemory(f"{type(write).__name__} on {self.keep.name}")

    def held(self, question: Document) -> list[Document]:
        """The documents that answer the question. Raises `BeyondMemory`."""
        ids = wanted(question)
        complete = self.keep.only is None or question.get(self.keep.only[0]) == self.keep.only[1]
        if ids is None:
            if not complete:
                raise BeyondMemory(f"{self.keep.name} by {list(question)}")
            ids = by_fields(question, self._index)
        elif not complete and not self._forgotten.isdisjoint(ids):
            raise BeyondMemory(f"closed documents of {self.keep.name}")
        candidates = self.documents.values() if ids is None else map(self.documents.get, ids)
        return [each for each in candidates if each is not None and matches(each, question)]

    async def stored(self, question: Document, session: Session | None) -> list[Document]:
        """The same from the database, with what was pending. Raises `BeyondMemory` where that has to wait."""
        if self.keep.to_the_end:
            raise BeyondMemory(f"{self.keep.name} is not written yet")
        await self.write(session)
        return await self._collection.find(question, session=session).to_list(None)

    def _stays(self, document: Document) -> bool:
        return self.keep.only is None or document.get(self.keep.only[0]) == self.keep.only[1]

    def _change(self, document: Document) -> None:
        id_ = document["_id"]
        self._journal.append((self, id_, self.documents.get(id_)))
        self._place(id_, document)
        self._pending.add(id_)
        if self.noticed is not None:
            self.noticed(document)

    def _place(self, id_: str, document: Document | None) -> None:
        before = self.documents.pop(id_, None)
        if document is not None:
            self.documents[id_] = document
        for field, ids in self._index.items():
            if before is not None:
                ids.get(before.get(field), set()).discard(id_)
            if document is not None:
                ids.setdefault(document.get(field), set()).add(id_)


@dataclass
class Found:
    """The answer to one question, when it is awaited."""

    shelf: Shelf
    question: Document
    session: Session | None
    order: tuple[tuple[str, int], ...] = ()
    most: int | None = None

    def sort(self, order: Sequence[tuple[str, int]]) -> "Found":
        """As of a cursor."""
        return replace(self, order=tuple(order))

    def limit(self, most: int) -> "Found":
        """As of a cursor."""
        return replace(self, most=most)

    async def to_list(self, length: int | None = None) -> list[Document]:
        """As of a cursor."""
        try:
            found = self.shelf.held(self.question)
        except BeyondMemory:
            found = await self.shelf.stored(self.question, self.session)
        for field, direction in reversed(self.order):
            found.sort(key=lambda document: document[field], reverse=direction < 0)
        return found[: self.most]

    async def __aiter__(self) -> AsyncIterator[Document]:
        for document in await self.to_list():
            yield document

"""What is remembered of a load, so that one that was interrupted goes on where it stopped.

It lies beside the services' databases. How far a service came is written in the transaction that got it there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.mongo import Collection, Document, Mongo
from services.chassis.work import Transaction

LOADS, PROGRESS, NEWS = "demo_loads", "demo_progress", "demo_news"
DATABASE = "local"


@dataclass(frozen=True)
class Load:
    """One company, made of this seed."""

    size: str
    seed: int
    until: datetime
    """The moment at which its history ends."""
    company_id: str
    commands: int
    complete: bool = False


class Records:
    """The loads of one installation."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def prepare(self) -> None:
        """Make what transactions need."""
        await self._mongo.prepare({LOADS: (), PROGRESS: (), NEWS: ()})

    async def all(self) -> dict[str, Load]:
        """Every load there was, by size."""
        found = await self._mongo.collection(LOADS).find().to_list(None)
        return {each["_id"]: Load(size=each.pop("_id"), **each) for each in found}

    async def begin(self, load: Load) -> None:
        """Remember a load that begins."""
        await self._mongo.collection(LOADS).insert_one(
            {
                "_id": load.size,
                "seed": load.seed,
                "until": load.until,
                "company_id": load.company_id,
                "commands": load.commands,
                "complete": False,
            }
        )

    async def complete(self, load: Load) -> None:
        """It is all there; what was kept to go on is not needed any more."""
        await self._mongo.collection(LOADS).update_one({"_id": load.size}, {"$set": {"complete": True}})
        await self._mongo.collection(NEWS).delete_many({"load": load.size})
        await self._mongo.collection(PROGRESS).delete_many({"load": load.size})

    async def progress(self, load: Load) -> Mapping[str, int]:
        """How many commands of each service were done."""
        found = await self._mongo.collection(PROGRESS).find({"load": load.size}).to_list(None)
        return {each["service"]: each["done"] for each in found}

    async def advance(self, tx: Transaction, load: Load, service: str, done: int) -> None:
        """So many are done, when the transaction is."""
        await self._within(tx, PROGRESS).replace_one(
            {"_id": f"{load.size}/{service}"},
            {"load": load.size, "service": service, "done": done},
            upsert=True,
            session=tx.session,
        )

    async def spread(self, tx: Transaction, load: Load, news: Sequence[Document]) -> None:
        """Remember what the other services have to hear, when the transaction is done."""
        if news:
            documents = [{**each, "load": load.size} for each in news]
            await self._within(tx, NEWS).insert_many(documents, session=tx.session)

    async def news(self, load: Load) -> list[Document]:
        """What recruiting had to say so far, in order: outbox documents."""
        return await self._mongo.collection(NEWS).find({"load": load.size}).sort("_id", 1).to_list(None)

    def _within(self, tx: Transaction, collection: str) -> Collection:
        """The collection as the service's own connection reaches it, to which the transaction belongs."""
        return tx.mongo.client.get_database(self._mongo.database.name).get_collection(collection)

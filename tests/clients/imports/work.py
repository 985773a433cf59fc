"""What a worker does for imports, without one."""

from services.chassis.schedule.items import DUE_ITEMS, OPEN, DueItem, item_of
from services.chassis.work import Transaction
from services.clients.imports import working
from services.clients.imports.commands import WORK
from tests.clients.company import Company


async def work_through(company: Company, batches: int = 10_000) -> int:
    """Do what is due for imports, a batch at a time; how many there were."""
    handle = working.worker(lambda _: company.personal)
    for done in range(batches):
        due = {"state": OPEN, "kind": WORK, "try_at": {"$lte": company.clock()}}
        documents = await company.mongo.collection(DUE_ITEMS).find(due).to_list(None)
        if not documents:
            return done
        items = [item_of(document) for document in documents]

        async def do(tx: Transaction, items: list[DueItem] = items) -> None:
            ids = [item.key for item in items]
            await tx.collection(DUE_ITEMS).update_many(
                {"_id": {"$in": ids}}, {"$set": {"state": "done"}}, session=tx.session
            )
            await handle(tx, items)

        await company.run(do)
    return batches

"""A connection that was made while the database was still recovering does no harm once it has recovered."""

from collections.abc import Iterator

import pytest

from services.chassis.mongo import Document, Mongo, MongoClient, PyMongoError, Session, is_transient
from services.chassis.testing.eventually import assert_eventually
from tests.faults.servers import Servers, own_servers

pytestmark = [pytest.mark.fault, pytest.mark.timeout(180)]


@pytest.fixture
def servers() -> Iterator[Servers]:
    with own_servers() as servers:
        servers.start_mongodb().ready()
        yield servers


async def test_transactions_go_on_over_connections_from_the_time_of_recovery(servers: Servers) -> None:
    operator: MongoClient[Document] = MongoClient(servers.mongodb)
    operator["recovering"].create_collection("things")
    # RECOVERING, as a node is for a moment each time that it starts
    operator.admin.command("replSetStepDown", 60, secondaryCatchUpPeriodSecs=0, force=True)
    operator.admin.command("replSetFreeze", 60)
    operator.admin.command("replSetMaintenance", 1)
    # addressed in a way that takes the node in whatever state it is
    mongo = Mongo.connect(servers.mongodb, "recovering")

    async def write(session: Session) -> None:
        await mongo.collection("things").insert_one({}, session=session)

    async def writes() -> None:
        try:
            await mongo.transaction(write)
        except PyMongoError as error:
            # whoever asks is to come back, not to be told of a fault
            if not is_transient(error):
                raise RuntimeError("not said to pass by itself") from error
            raise AssertionError from error

    await mongo.check()
    with pytest.raises(AssertionError):
        await writes()
    operator.admin.command("replSetMaintenance", 0)
    operator.admin.command("replSetFreeze", 0)
    await assert_eventually(writes, within=60, every=0.2)
    for _ in range(20):
        await writes()
    operator.close()
    mongo.close()

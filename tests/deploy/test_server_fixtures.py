"""The fixtures that give tests their servers."""

from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.chassis.mongo import Document, MongoClient

_earlier: set[str] = set()


@pytest.fixture
def client(mongodb_uri: str) -> Iterator[MongoClient[Document]]:
    client: MongoClient[Document] = MongoClient(mongodb_uri)
    yield client
    client.close()


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_has_an_empty_database_that_takes_transactions(
    client: MongoClient[Document], database_name: str, turn: int
) -> None:
    assert _earlier.isdisjoint({database_name, *client.list_database_names()})
    _earlier.add(database_name)
    database = client[database_name]
    database.create_collection("things")
    with client.start_session() as session, session.start_transaction():
        database["things"].insert_one({"_id": turn}, session=session)
    assert [thing["_id"] for thing in database["things"].find()] == [turn]


async def test_what_is_sent_to_a_topic_of_the_test_is_read_back(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    topic = f"{topic_prefix}.things"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, b"one")
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka_bootstrap, group_id=topic_prefix, auto_offset_reset="earliest"
    )
    async with consumer:
        assert (await consumer.getone()).value == b"one"

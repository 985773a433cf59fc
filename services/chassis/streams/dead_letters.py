"""Dead letters on their way out: a record keeps key, value and headers, and gains why and where it failed."""

from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.chassis.streams.outcome import Failure
from services.contracts.cloudevents import MalformedEvent

PREFIX = "x-dlq-"
ORIGINAL_TOPIC = "x-dlq-original-topic"
ORIGINAL_PARTITION = "x-dlq-original-partition"
ORIGINAL_OFFSET = "x-dlq-original-offset"
ORIGINAL_TIMESTAMP = "x-dlq-original-timestamp"
CONSUMER_GROUP = "x-dlq-consumer-group"
ERROR_TYPE = "x-dlq-error-type"
ERROR_MESSAGE = "x-dlq-error-message"
ATTEMPTS = "x-dlq-attempts"

ORIGIN = (ORIGINAL_TOPIC, ORIGINAL_PARTITION, ORIGINAL_OFFSET, ORIGINAL_TIMESTAMP)
"""What a letter that is tried again keeps, so that a second failure still names the first place."""

LONGEST_MESSAGE = 1000

Headers = list[tuple[str, bytes | None]]


def headers_of(failure: Failure, group: str) -> Headers:
    """The record's own headers and those that say what happened to it."""
    record = failure.record
    origin = {name: value for name, value in record.headers if name in ORIGIN}
    own: Headers = [(name, value) for name, value in record.headers if not name.startswith(PREFIX)]
    if not origin:
        place = (record.topic, str(record.partition), str(record.offset), str(record.timestamp))
        origin = {name: text.encode() for name, text in zip(ORIGIN, place, strict=True)}
    error = failure.error
    kind = (
        f"{type(error).__name__}:{error.reason}"
        if isinstance(error, MalformedEvent)
        else type(error).__name__
    )
    return [
        *own,
        *origin.items(),
        (CONSUMER_GROUP, group.encode()),
        (ERROR_TYPE, kind.encode()),
        (ERROR_MESSAGE, str(error)[:LONGEST_MESSAGE].encode(errors="replace")),
        (ATTEMPTS, str(failure.attempts).encode()),
    ]


class DeadLetterQueue:
    """Puts records on a consumer's dead letter topic. `put` may be called again for the same ones."""

    def __init__(self, bootstrap: str, topic: str, group: str) -> None:
        self.bootstrap = bootstrap
        self.topic = topic
        self.group = group
        self._producer: AIOKafkaProducer | None = None

    async def put(self, failures: Sequence[Failure]) -> None:
        """Return when every replica in sync has them. Raises ConnectionError while the broker is away."""
        try:
            producer = await self._started()
            sent = [
                await producer.send(
                    self.topic,
                    key=failure.record.key,
                    value=failure.record.value,
                    headers=headers_of(failure, self.group),
                )
                for failure in failures
            ]
            for each in sent:
                await each
        except KafkaError as error:
            if error.retriable:
                raise ConnectionError(f"the dead letters cannot be reached: {error!r}") from error
            raise

    async def close(self) -> None:
        """Give back the connection."""
        if self._producer is not None:
            await self._producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        # made when first needed: most workers never put anything aside
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self.bootstrap, acks="all", enable_idempotence=True, compression_type="lz4"
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

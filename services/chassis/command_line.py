"""`muster`: what operators do from a terminal."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import orjson
from aiokafka.errors import KafkaError
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from services.chassis.clock import utc_now
from services.chassis.errors import NotFound
from services.chassis.mongo import Mongo, PyMongoError
from services.chassis.settings import KafkaSettings, MongoSettings, UnsafeSettings, read
from services.chassis.streams.letter_box import Letter, LetterBox, Place
from services.contracts.topics import SERVICES

T = TypeVar("T")

app = App(
    name="muster", help="Operates Muster. Servers are named by KAFKA_BOOTSTRAP_SERVERS and MONGODB_URI."
)
dead_letters = App(
    name="dead-letters", help="Events that a consumer could not process, and what to do with them."
)
app.command(dead_letters)

Json = Annotated[
    bool, Parameter(name="--json", negative="", help="One JSON object a line instead of a table.")
]
Everything = Annotated[bool, Parameter(negative="")]
Places = Annotated[list[str], Parameter(help="Where they lie, as `list` says it: partition:offset.")]


class WrongUse(Exception):
    """Said to whoever typed the command; exit code 2."""


@dead_letters.command(name="list")
def list_(
    consumer: str,
    /,
    *,
    all_: Annotated[Everything, Parameter(name="--all")] = False,
    limit: int = 100,
    json: Json = False,
) -> None:
    """List the open dead letters of a consumer, oldest first.

    Parameters
    ----------
    consumer
        A service: recruiting, training, clients or notifications.
    all_
        Also those that were resent or dropped.
    limit
        Not more than so many.
    """
    found = _run(consumer, lambda box: box.letters(settled=all_, limit=limit))
    if json:
        for letter in found:
            _say_json(_facts(letter))
        return
    if not found:
        print(f"{consumer}: no {'' if all_ else 'open '}dead letters")
        return
    table = Table("place", "put at (UTC)", "event", "from", "error", "attempts", "state", box=None)
    for letter in found:
        table.add_row(
            str(letter.place),
            f"{letter.put_at:%Y-%m-%d %H:%M:%S}",
            letter.event_type,
            letter.origin,
            letter.error,
            letter.header("x-dlq-attempts"),
            letter.settled or "open",
        )
    Console(width=None if sys.stdout.isatty() else 240).print(table)


@dead_letters.command
def show(consumer: str, place: str, /, *, json: Json = False) -> None:
    """Show one dead letter whole: why it failed, its headers and its payload.

    Parameters
    ----------
    consumer
        A service: recruiting, training, clients or notifications.
    place
        Where it lies: partition:offset.
    """
    letter = _run(consumer, lambda box: box.letter(_place(place)))
    facts = _facts(letter) | {
        "headers": {name: (value or b"").decode(errors="replace") for name, value in letter.headers},
        "key": (letter.key or b"").decode(errors="replace"),
        "payload": _payload(letter),
    }
    if json:
        _say_json(facts)
        return
    print(f"{facts['place']}  {facts['event']}  {facts['state']}")
    print(f"from      {letter.origin}")
    print(f"failed    {letter.error}: {letter.message}")
    print(f"attempts  {facts['attempts']}")
    for name, value in facts["headers"].items():
        if not name.startswith("x-dlq-"):
            print(f"  {name}: {value}")
    payload = facts["payload"]
    print(payload if isinstance(payload, str) else orjson.dumps(payload, option=orjson.OPT_INDENT_2).decode())


@dead_letters.command
def resend(
    consumer: str,
    /,
    *places: str,
    all_: Annotated[Everything, Parameter(name="--all")] = False,
    json: Json = False,
) -> None:
    """Have the consumer try dead letters again. Other consumers do not see them a second time.

    Parameters
    ----------
    consumer
        A service: recruiting, training, clients or notifications.
    places
        Where they lie: partition:offset.
    all_
        All open ones.
    """
    _settle(consumer, places, all_, json, "resent", LetterBox.resend)


@dead_letters.command
def drop(
    consumer: str,
    /,
    *places: str,
    all_: Annotated[Everything, Parameter(name="--all")] = False,
    json: Json = False,
) -> None:
    """Mark dead letters as needing nothing more. They stay readable until their retention ends.

    Parameters
    ----------
    consumer
        A service: recruiting, training, clients or notifications.
    places
        Where they lie: partition:offset.
    all_
        All open ones.
    """
    _settle(consumer, places, all_, json, "dropped", LetterBox.drop)


def _settle(
    consumer: str,
    places: tuple[str, ...],
    all_: bool,
    json: bool,
    done: str,
    action: Callable[[LetterBox, list[Letter], str], Awaitable[int]],
) -> None:
    if bool(places) == all_:
        raise WrongUse("name the letters by partition:offset, or say --all")

    async def settle(box: LetterBox) -> int:
        letters = await box.letters() if all_ else [await box.letter(_place(each)) for each in places]
        return await action(box, letters, getpass.getuser())

    count = _run(consumer, settle)
    if json:
        _say_json({"consumer": consumer, done: count})
    else:
        print(f"{consumer}: {count} {done}")


def _run(consumer: str, action: Callable[[LetterBox], Awaitable[T]]) -> T:
    service = consumer.removeprefix("muster.")
    if service not in SERVICES:
        raise WrongUse(f"no such consumer: {consumer}; there are {', '.join(SERVICES)}")
    kafka, settings = read(KafkaSettings), read(MongoSettings)

    async def run() -> T:
        mongo = Mongo.connect(settings.uri.get_secret_value(), settings.database(service))
        try:
            return await action(LetterBox(kafka, mongo, service, utc_now))
        finally:
            mongo.close()

    return asyncio.run(run())


def _place(text: str) -> Place:
    try:
        return Place.parse(text)
    except ValueError as error:
        raise WrongUse(str(error)) from None


def _facts(letter: Letter) -> dict[str, Any]:
    return {
        "place": str(letter.place),
        "put_at": letter.put_at.isoformat(),
        "event": letter.event_type,
        "event_id": letter.header("ce_id"),
        "from": letter.origin,
        "error": letter.error,
        "message": letter.message,
        "attempts": letter.header("x-dlq-attempts"),
        "state": letter.settled or "open",
        "by": letter.settled_by,
    }


def _payload(letter: Letter) -> Any:
    """The payload as JSON, or as text where it is none."""
    if letter.value is None:
        return None
    try:
        return orjson.loads(letter.value)
    except orjson.JSONDecodeError:
        return letter.value.decode(errors="replace")


def _say_json(facts: dict[str, Any]) -> None:
    print(orjson.dumps(facts).decode())


def main() -> None:
    """Run the command that was typed; exit with 1 when it failed, with 2 when it was typed wrongly."""
    try:
        app(sys.argv[1:])
    except WrongUse as error:
        print(f"muster: {error}", file=sys.stderr)
        sys.exit(2)
    except NotFound:
        print("muster: there is no such dead letter (any more)", file=sys.stderr)
        sys.exit(1)
    except (UnsafeSettings, KafkaError, PyMongoError, OSError) as error:
        print(f"muster: {error}", file=sys.stderr)
        sys.exit(1)

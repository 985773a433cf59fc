"""Dead letters can be looked at, sent again to the one consumer that failed, and dropped."""

import asyncio
from collections.abc import Callable

import orjson
import pytest

from services.chassis.clock import utc_now
from services.chassis.command_line import app, main
from services.chassis.errors import NotFound
from services.chassis.streams.letter_box import LetterBox, Place
from services.chassis.streams.policies import Engine
from services.chassis.streams.subscription import Subscription
from services.chassis.testing.eventually import assert_eventually
from services.chassis.work import Transaction
from services.contracts.clients import ClientRegistered
from services.contracts.envelope import Received
from tests.chassis.streams.stage import LOST, SERVICE, Stage, event_record, policy, take_note

Muster = Callable[..., str]


@pytest.fixture
async def box(stage: Stage) -> LetterBox:
    """The letters of one event whose handler raised (0:0) and of a second (0:1)."""
    await stage.send([event_record(client="first", agent=LOST), event_record(client="second", agent=LOST)])
    async with stage.worker(policy(Engine.PLAIN)):
        await stage.all_done(0)
    return LetterBox(stage.kafka, stage.mongo, SERVICE, utc_now)


async def test_letters_are_listed_and_shown_with_what_happened(box: LetterBox, stage: Stage) -> None:
    letters = await box.letters()
    assert {str(letter.place) for letter in letters} == {"0:0", "0:1"}
    assert len(await box.letters(limit=1)) == 1
    letter = await box.letter(Place(0, 1))
    assert letter == next(each for each in letters if each.place == Place(0, 1))
    assert letter.error == "ValueError"
    assert letter.message == "this agent is not known"
    assert letter.origin.startswith(stage.topic)
    assert letter.event_type == ClientRegistered.event_type()
    for nowhere in (Place(0, 2), Place(7, 0)):
        with pytest.raises(NotFound):
            await box.letter(nowhere)


async def test_sent_again_it_reaches_its_consumer_and_no_other_reader(box: LetterBox, stage: Stage) -> None:
    async def repaired(tx: Transaction, received: Received[ClientRegistered]) -> None:
        mended = received.event.model_copy(update={"agent_id": "agent-1"})
        await take_note(tx, Received(received.envelope, mended))

    ends = await stage.lag()
    assert await box.resend(await box.letters(), by="someone") == 2
    assert await stage.lag() == ends, "nothing new on the topic that others read"
    assert await box.letters() == []
    assert {letter.settled for letter in await box.letters(settled=True)} == {"resent"}
    async with stage.worker(policy(Engine.FAUST), Subscription(SERVICE, [{ClientRegistered: repaired}])):
        await stage.all_done(2)
        # again, by hand and by mistake
        await box.resend(await box.letters(settled=True), by="someone")
        await stage.send([event_record()])
        await stage.all_done(3)
    assert await stage.counted() == 3


async def test_failing_again_it_still_names_where_it_first_came_from(box: LetterBox, stage: Stage) -> None:
    first = await box.letter(Place(0, 0))
    await box.resend([first], by="someone")
    async with stage.worker(policy(Engine.PLAIN)):
        await _letters(stage, 3)
    again = await box.letter(Place(0, 2))
    assert again.origin == first.origin
    assert (again.key, again.value) == (first.key, first.value)
    assert len([name for name, _ in again.headers if name.startswith("x-dlq-")]) == 8
    assert again.settled is None


async def test_dropped_it_is_settled_and_can_still_be_read(box: LetterBox) -> None:
    await box.drop([await box.letter(Place(0, 0))], by="someone")
    assert [str(letter.place) for letter in await box.letters()] == ["0:1"]
    dropped = await box.letter(Place(0, 0))
    assert (dropped.settled, dropped.settled_by) == ("dropped", "someone")


@pytest.fixture
def muster(stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Muster:
    """Types a command; returns what it says."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", stage.kafka.bootstrap_servers)
    monkeypatch.setenv("MUSTER_TOPIC_PREFIX", stage.kafka.topic_prefix)
    monkeypatch.setenv("MONGODB_URI", stage.uri)
    monkeypatch.setenv("MUSTER_DATABASE_PREFIX", stage.mongo.database.name.removesuffix(SERVICE))

    def typed(*words: str) -> str:
        app(["dead-letters", *words], result_action="return_value", exit_on_error=False)
        return capsys.readouterr().out

    return typed


async def test_the_command_line_lists_shows_resends_and_drops(
    box: LetterBox, stage: Stage, muster: Muster
) -> None:
    # the command's own loop runs in a thread, as this one is taken
    def script() -> None:
        listed = muster("list", "clients")
        assert "0:0" in listed
        assert "ValueError" in listed
        facts = [orjson.loads(line) for line in muster("list", "clients", "--json").splitlines()]
        assert {fact["state"] for fact in facts} == {"open"}
        shown = muster("show", "muster.clients", "0:0")
        assert "this agent is not known" in shown
        assert '"client_id"' in shown
        assert orjson.loads(muster("show", "clients", "0:0", "--json"))["payload"]["agent_id"] == LOST
        assert muster("resend", "clients", "0:0") == "clients: 1 resent\n"
        assert muster("drop", "clients", "--all") == "clients: 1 dropped\n"
        assert muster("list", "clients") == "clients: no open dead letters\n"
        assert len(muster("list", "clients", "--all", "--json").splitlines()) == 2

    await asyncio.to_thread(script)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["list", "kitchen"], 2, "no such consumer"),
        (["show", "clients", "here"], 2, "partition:offset"),
        (["drop", "clients"], 2, "--all"),
        (["drop", "clients", "0:0", "--all"], 2, "--all"),
        (["show", "clients", "0:7"], 1, "no such dead letter"),
    ],
)
async def test_what_cannot_be_done_is_said_in_words(
    muster: Muster,
    words: list[str],
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["muster", "dead-letters", *words])
    with pytest.raises(SystemExit) as exit_:
        await asyncio.to_thread(main)
    assert exit_.value.code == code
    assert says in capsys.readouterr().err


async def _letters(stage: Stage, count: int) -> None:
    async def there() -> bool:
        return len(await stage.letters()) == count

    await assert_eventually(there)

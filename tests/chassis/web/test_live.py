"""Live pages: every change is shown, few times, to as many as watch, with one change stream."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from services.chassis.mongo import Mongo
from services.chassis.testing.eventually import assert_eventually
from services.chassis.web.live import Live


@pytest.fixture
async def live(mongodb_uri: str, database_name: str) -> AsyncIterator[Live]:
    mongo = Mongo.connect(mongodb_uri, database_name)
    await mongo.prepare({"notes": []})
    live = Live(mongo)
    yield live
    live.close()
    mongo.close()


class Watcher:
    """Somebody who looks at the state each time they are told."""

    def __init__(self, live: Live, agent_id: str | None = None) -> None:
        self.times = 0
        self.seen = -1
        self._live = live
        self._agent_id = agent_id
        self.task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        concerns = None if self._agent_id is None else lambda d: d["agent_id"] == self._agent_id
        changes = self._live.changes("notes", concerns=concerns)
        async for _ in changes:
            self.seen = await self._live._mongo.collection("notes").count_documents({})
            self.times += 1

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def _insert(live: Live, count: int, agent_id: str = "a") -> None:
    for _ in range(count):
        await live._mongo.collection("notes").insert_one({"agent_id": agent_id})


async def test_the_state_is_shown_at_once_and_after_every_change(live: Live) -> None:
    watcher = Watcher(live)
    await assert_eventually(lambda: watcher.seen == 0)
    await _insert(live, 1)
    await assert_eventually(lambda: watcher.seen == 1)
    await watcher.stop()


async def test_a_burst_is_shown_few_times_and_the_last_state_is_never_missed(live: Live) -> None:
    watcher = Watcher(live)
    await assert_eventually(lambda: watcher.seen == 0)
    began = asyncio.get_running_loop().time()
    await _insert(live, 60)
    await assert_eventually(lambda: watcher.seen == 60)
    tenths = (asyncio.get_running_loop().time() - began) / 0.1
    assert watcher.times <= tenths + 4
    await watcher.stop()


async def test_many_watch_with_one_stream_that_ends_with_the_last(live: Live) -> None:
    watchers = [Watcher(live) for _ in range(20)]
    await assert_eventually(lambda: all(w.seen == 0 for w in watchers))
    assert live.watched == {"notes": 20}
    assert len(live._watchers) == 1
    await _insert(live, 1)
    await assert_eventually(lambda: all(w.seen == 1 for w in watchers))
    await asyncio.gather(*(w.stop() for w in watchers))
    await assert_eventually(lambda: live.watched == {} and not live._watchers)


async def test_a_stream_that_is_cut_while_its_page_is_drawn_is_forgotten(live: Live) -> None:
    drawing = asyncio.Event()
    abandoned = []

    async def draw() -> None:
        changes = live.changes("notes")
        # somebody still holds the generator, as a traceback would
        abandoned.append(changes)
        async for _ in changes:
            drawing.set()
            await asyncio.Event().wait()

    page = asyncio.create_task(draw())
    await drawing.wait()
    assert live.watched == {"notes": 1}
    page.cancel()
    await asyncio.gather(page, return_exceptions=True)
    await assert_eventually(lambda: live.watched == {} and not live._watchers, within=2)


async def test_each_step_may_be_awaited_in_a_task_of_its_own(live: Live) -> None:
    """As a page does that waits for a change or a moment, whichever comes first."""
    changes = live.changes("notes")
    await asyncio.create_task(anext(changes))
    # the stream was opened: everything up to now is told as one change
    await asyncio.create_task(anext(changes))
    told = asyncio.create_task(anext(changes))
    await _insert(live, 1)
    async with asyncio.timeout(5):
        await told
    await changes.aclose()


async def test_who_is_not_concerned_is_not_told(live: Live) -> None:
    mine, theirs = Watcher(live, "a"), Watcher(live, "b")
    await assert_eventually(lambda: mine.seen == theirs.seen == 0)
    # the stream opened a moment after the first look is told to everybody
    await _insert(live, 1, "both")
    await assert_eventually(lambda: live.watched == {"notes": 2})
    told = theirs.times
    await _insert(live, 3, "a")
    await assert_eventually(lambda: mine.seen == 4)
    assert theirs.times <= told + 1
    await asyncio.gather(mine.stop(), theirs.stop())


async def test_stopping_ends_every_stream_at_once(live: Live) -> None:
    watchers = [Watcher(live) for _ in range(3)]
    await assert_eventually(lambda: all(w.seen == 0 for w in watchers))
    live.close()
    async with asyncio.timeout(1):
        await asyncio.gather(*(w.task for w in watchers))


async def test_who_comes_while_it_stops_is_sent_away(live: Live) -> None:
    live.close()
    async with asyncio.timeout(1):
        await Watcher(live).task


async def test_a_broken_change_stream_opens_again_and_shows_what_was_missed(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.web.live.RETRY_SECONDS", 0.05)
    watcher = Watcher(live)
    await _insert(live, 1)
    await assert_eventually(lambda: watcher.seen == 1)
    # dropping a collection invalidates its change streams
    await live._mongo.collection("notes").drop()
    await assert_eventually(lambda: watcher.seen == 0)
    await _insert(live, 2)
    await assert_eventually(lambda: watcher.seen == 2)
    await watcher.stop()


async def test_the_stream_of_a_page_is_not_compressed(app: FastAPI) -> None:
    started: dict[str, str] = {}
    opened = asyncio.Event()
    site = app.state.site
    token = site.signer.session("p-agent", site.clock())

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            started.update({k.decode(): v.decode() for k, v in message["headers"]})  # type: ignore[attr-defined]
        elif b"<ul" in message.get("body", b""):  # type: ignore[operator]
            opened.set()

    gone = asyncio.Event()

    async def receive() -> dict[str, object]:
        await gone.wait()
        return {"type": "http.disconnect"}

    headers = [
        (b"cookie", f"muster_session={token}".encode()),
        (b"accept-encoding", b"gzip"),
        (b"host", b"x"),
    ]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/clients/today/live", "raw_path": b"/clients/today/live", "query_string": b"", "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1),
    }  # fmt: skip
    request = asyncio.create_task(app(scope, receive, send))  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        await opened.wait()
    assert started["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in started
    site.live.close()
    async with asyncio.timeout(2):
        await request

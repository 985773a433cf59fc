"""Pages in a real browser: Chromium, signed in as somebody, silent on the console and open to everybody.

Playwright's synchronous objects need a thread without an event loop; the application runs in one of its own.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from services.chassis.testing.web import plain_log
from services.chassis.web.languages import LANGUAGE_COOKIE
from services.chassis.web.session import SESSION_COOKIE

CHROMIUM = "/usr/bin/chromium"
SIZES = {"tv": (1920, 1080), "desktop": (1280, 800), "phone": (390, 844)}
Size = Literal["tv", "desktop", "phone"]
_START_SECONDS = 20
_PATIENCE_MS = 20_000
_RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


class Served:
    """An application on a port of its own, in a thread of its own, while the body runs."""

    def __init__(self, app: FastAPI) -> None:
        plain_log()
        self.app = app
        # the protocol is named, or asyncio leaves Nagle's algorithm on and every answer waits for 40 milliseconds
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        waited = threading.Event()
        for _ in range(_START_SECONDS * 50):
            if self._server.started or not self._thread.is_alive():
                break
            waited.wait(0.02)
        if not self._server.started:
            raise RuntimeError("the application did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self.app.state.site.live.close)
        self._server.should_exit = True
        self._thread.join(_START_SECONDS)
        self._socket.close()

    def do(self, work: Callable[[], Any]) -> Any:
        """Run a coroutine function in the application's loop and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(_START_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve(sockets=[self._socket]))


@dataclass
class Visit:
    """One browser window of one person."""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)
    """What the console and the page's errors said."""

    def open(self, path: str) -> Page:
        """Go there and wait until the network is quiet, or until it is loaded where a stream keeps it busy."""
        self.page.goto(self.url + path, wait_until="load")
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        return self.page

    def drag(self, card: Locator, column: Locator, *, held: str) -> None:
        """Take a card by the mouse and put it down in a column, step by step as a hand does.

        `held` selects what the page shows of a card that is in the hand.

        Raises:
            AssertionError: the page does not take the card up, or does not show it in the column before it is dropped
        """
        mouse = self.page.mouse
        card.hover()
        mouse.down()
        x, y = _middle(card)
        mouse.move(x + 8, y + 8, steps=4)
        expect(self.page.locator(held).first).to_be_attached()
        x, y = _middle(column)
        inside = column.locator(f"#{card.get_attribute('id')}")
        for nudge in range(0, 40, 4):
            # the page answers to movement, so a busy machine needs some more of it
            mouse.move(x + nudge, y + nudge // 4, steps=4)
            if inside.count():
                break
        expect(inside).to_be_attached()
        mouse.up()

    def assert_silent(self) -> None:
        """Nothing was said on the console, and no script failed."""
        assert not self.said, self.said  # noqa: S101 - a testing kit

    def assert_accessible(self) -> None:
        """axe finds nothing (WCAG 2.2 AA and best practice), contrast included."""
        found = Axe().run(self.page, options=_RULES).response["violations"]
        words = [
            f"{each['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
            for each in found
            for node in each["nodes"]
        ]
        assert not words, "\n".join(words)  # noqa: S101 - a testing kit

    def assert_fits(self) -> None:
        """Nothing makes the page wider than the window."""
        wider = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, f"{wider} pixels too wide"  # noqa: S101 - a testing kit


def _middle(box: Locator) -> tuple[float, float]:
    bounds = box.bounding_box()
    assert bounds, "not on the page"  # noqa: S101 - a testing kit
    return bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] / 2


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, without a window."""
    # generous, because two cores may be busy with servers, services and browsers at once; nothing waits without need
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(
    browser: Browser,
    served: Served,
    person_id: str | None,
    *,
    size: Size = "desktop",
    language: Literal["zh", "en"] = "zh",
    still: bool = True,
) -> Iterator[Visit]:
    """A window of somebody who is signed in, in this language and of this size; `still` turns movement off."""
    width, height = SIZES[size]
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN" if language == "zh" else "en-GB",
        reduced_motion="reduce" if still else "no-preference",
        has_touch=size == "phone",
        is_mobile=size == "phone",
    )
    cookies = [{"name": LANGUAGE_COOKIE, "value": language, "url": served.url}]
    if person_id is not None:
        site = served.app.state.site
        token = site.signer.session(person_id, site.clock())
        cookies.append({"name": SESSION_COOKIE, "value": token, "url": served.url})
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    seen = Visit(page, served.url)
    page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.said.append(f"error: {error}"))
    try:
        yield seen
    finally:
        context.close()

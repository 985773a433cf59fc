"""Somebody at a browser: signs in, reads and fills in pages, and asks the site's JSON as the same person."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import APIResponse, Browser, Page

from services.chassis.identity import new_id
from services.chassis.testing.browser import SIZES, Size
from services.chassis.web.languages import LANGUAGE_COOKIE

PATIENCE = 30_000
"""Milliseconds for something that takes a moment elsewhere; generous, because it is no measurement."""


@dataclass
class Visitor:
    """One window of the site."""

    page: Page
    site: str

    @classmethod
    async def arrive(cls, browser: Browser, site: str, size: Size) -> "Visitor":
        width, height = SIZES[size]
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-GB",
            has_touch=size == "phone",
            is_mobile=size == "phone",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        await context.add_cookies([{"name": LANGUAGE_COOKIE, "value": "en", "url": site}])
        return cls(await context.new_page(), site)

    async def sign_in(self, person_id: str) -> None:
        """Pick this person on the page of personas."""
        await self.open("/")
        await self.page.locator(f'button[name="person_id"][value="{person_id}"]').click()
        await self.page.wait_for_url(lambda url: "/sign-in" not in url)

    async def open(self, path: str) -> None:
        answer = await self.page.goto(self.site + path, wait_until="load")
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    async def choose(self, name: str, value: str) -> None:
        """Tap the choice; the input itself is hidden behind its words."""
        field = self.page.locator(f'label:has(input[name="{name}"][value="{value}"])')
        await field.click()

    async def submit(self) -> None:
        """Send the form of the page, and be on the page that follows."""
        before = self.page.url
        await self.page.locator("main form.m-form button.btn-primary").click()
        await self.page.wait_for_url(lambda url: url != before)

    async def get(self, path: str) -> Any:
        return await _body(path, await self.page.request.get(self.site + path))

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Do something once."""
        sent = {"Idempotency-Key": new_id(), **headers}
        answer = await self.page.request.post(self.site + path, data=body or {}, headers=sent)
        return await _body(path, answer)

    async def put(self, path: str, body: Any) -> Any:
        """Change something as it is now."""
        answer = await self.page.request.put(self.site + path, data=body, headers={"If-Match": "*"})
        return await _body(path, answer)


async def _body(path: str, answer: APIResponse) -> Any:
    assert answer.ok, f"{path}: {answer.status} {await answer.text()}"
    return await answer.json()

"""What tests of pages have in their hands: the served application, and the company that it shows."""

from playwright.sync_api import Page

from services.chassis.testing.browser import Served
from tests.clients.company import Company

Site = tuple[Served, Company]


def choose(page: Page, words: str) -> None:
    """Tap the choice with these words."""
    page.locator("label.m-choice", has_text=words).first.click()

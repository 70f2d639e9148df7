"""Chromium against the real program, and what a person does in the page."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, async_playwright

from tests.channels.web_house import WebHouse, served

CHROMIUM = os.environ.get("ANJU_CHROMIUM") or shutil.which("chromium") or ""
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium: install it, or name one by ANJU_CHROMIUM")
EXPECTED_NOISE = ("net::ERR_INTERNET_DISCONNECTED", "503 (Service Unavailable)", "net::ERR_FAILED")


@dataclass(slots=True)
class Person:
    """Somebody at the page; `faults` are what the browser complained about."""

    web: WebHouse
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)

    async def open(self, path: str = "/") -> None:
        """Open the page and wait until the office has spoken."""
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        await self.page.goto(self.web.url + path)
        await self.page.locator(".row.office").first.wait_for()

    def button(self, name: str) -> Locator:
        """The newest button of the talk whose label begins so; its number doesn't count."""
        return self.page.locator("#log button:enabled", has_text=re.compile(rf"^(\d+ )?{re.escape(name)}")).last

    async def tap(self, name: str) -> None:
        """Tap a button of the talk, and wait for the answer."""
        await self._answered(self.button(name).click())

    async def write(self, text: str) -> None:
        """Type a message, send it with Enter, and wait for the answer."""
        await self.page.locator("#input").fill(text)
        await self._answered(self.page.locator("#input").press("Enter"))

    async def last(self) -> str:
        """What the office said last."""
        return await self.page.locator(".row.office .bubble").last.inner_text()

    async def own(self) -> list[str]:
        """What the person said, as far as it is shown."""
        return await self.page.locator(".row.own:visible .bubble p").all_inner_texts()

    async def _answered(self, doing: Any) -> None:
        count = await self.page.locator(".row.office").count()
        await doing
        await self.page.locator(".row.office").nth(count).wait_for()

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and not any(noise in text for noise in EXPECTED_NOISE):
            self.faults.append(text)


@asynccontextmanager
async def somebody(folder: Path, **context: Any) -> AsyncIterator[Person]:
    """A person with a browser of their own, at the page of a house of their own; the browser may not complain."""
    options = {"locale": "zh-CN", "viewport": {"width": 360, "height": 740}, **context}
    async with served(folder) as web, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_context(**options)
        opened.set_default_timeout(20_000)
        person = Person(web, opened, await opened.new_page())
        try:
            yield person
            assert person.faults == []
        finally:
            await opened.close()
            await browser.close()

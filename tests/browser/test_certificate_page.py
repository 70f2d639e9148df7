"""The check of a certificate in a real browser: small phones, both languages, dark, large type."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import expect

from handlers.office import certificates
from storage.audit import Who
from tests.browser.browsing import Person, needs_chromium, somebody
from tests.certified import certified

pytestmark = [pytest.mark.browser, needs_chromium]


async def opened(person: Person, path: str) -> None:
    person.page.on("console", lambda message: person._note(message.type, message.text))
    await person.page.goto(person.web.url + path)
    await expect(person.page.locator("h1")).to_be_visible()


async def overflow(person: Person) -> int:
    found = await person.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "head"), [("zh", "有效"), ("en", "Valid")])
async def test_a_valid_certificate_at_360_pixels(language: str, head: str, scheme: str, tmp_path: Path) -> None:
    async with somebody(tmp_path, color_scheme=scheme) as person:
        _, certificate = await certified(person.web.house)
        await opened(person, f"/c/{certificate.code}?lang={language}")
        await expect(person.page.locator("h1")).to_have_text(head)
        await expect(person.page.locator("dd").first).to_have_text("李**")
        assert await overflow(person) <= 0
        colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
        back, ink = await person.page.evaluate(colours)
        assert (brightness(back) > brightness(ink)) == (scheme == "light")


def brightness(colour: str) -> int:
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


async def test_the_language_is_changed_on_the_page_by_keyboard(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        _, certificate = await certified(person.web.house)
        await opened(person, f"/c/{certificate.code}")
        await person.page.keyboard.press("Tab")
        await person.page.keyboard.press("Enter")
        await expect(person.page.locator("h1")).to_have_text("Valid")


async def test_one_that_ended_and_one_that_never_was(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        _, certificate = await certified(person.web.house)
        now, who = datetime.now(UTC), Who("staff", "s1")
        await person.web.house.database.run(lambda unit: certificates.revoke(unit, certificate, "moved", who, now))
        await opened(person, f"/c/{certificate.code}")
        await expect(person.page.locator("h1")).to_have_text("已失效")
        assert await overflow(person) <= 0
        await person.page.goto(f"{person.web.url}/c/nothing")
        await expect(person.page.locator("h1")).to_have_text("查不到")
        person.faults[:] = [fault for fault in person.faults if "404" not in fault]

"""The chat page in a real browser: a registration, the keyboard, no network, small screens, screen readers."""

import asyncio
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Route, expect

from bot.channels.channel import Button, Message, Push
from bot.channels.web.session import Sessions
from handlers.messages import Choice
from tests.browser.browsing import Person, needs_chromium, somebody

pytestmark = [pytest.mark.browser, needs_chromium]

UNTIL_SUMMARY = (
    "[同意]", "[外地]", "[一般住处]", "[3天或更久]", "[自己]", "341225199003071233", "李伟", "[汉族]",
    "安徽省阜南县王店镇李庄村3组12号", "13812345678", "[初中]", "[已婚]", "[群众]", "[安宁街道]", "[翠竹社区]",
    "幸福路18号3幢502室", "[租的房子]", "王芳", "13912345678", "昨天", "[6到12个月]", "[工作]", "幸福餐馆",
    "[住宿和餐饮业]", "[交]", "[到窗口出示]", "[到窗口出示]",
)  # fmt: skip


async def play(person: Person, lines: tuple[str, ...]) -> None:
    """A talk: what is in brackets is tapped, the rest is typed."""
    for line in lines:
        if line.startswith("["):
            await person.tap(line.strip("[]"))
        else:
            await person.write(line)


def address_of(person: Person, cookies: list[Any]) -> str:
    """Who the browser is, as the program knows it."""
    key = person.web.house.database.vault.derived("web cookie")
    found = Sessions(key, secure=False).address({cookie["name"]: cookie["value"] for cookie in cookies})
    assert found is not None
    return found


async def width(person: Person) -> int:
    found = await person.page.evaluate("document.documentElement.scrollWidth")
    assert isinstance(found, int)
    return found


async def outbox(person: Person) -> list[dict[str, Any]]:
    """What the browser keeps of the talk."""
    kept = await person.page.evaluate("JSON.stringify(Object.entries(localStorage))")
    return [item for name, text in json.loads(kept) if name == "anju.outbox" for item in json.loads(text)]


async def test_a_whole_registration_from_the_greeting_to_the_receipt(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, (*UNTIL_SUMMARY, "[确认提交]"))
        assert re.search(r"受理编号：[\w-]+", await person.last())
        assert await width(person) <= 360
        assert await outbox(person) == []


async def test_a_line_of_the_summary_is_changed_by_tapping_it(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, (*UNTIL_SUMMARY, "[3. 姓名：李伟]"))
        assert "姓名" in await person.last()
        await person.write("李小伟")
        await expect(person.button("3. 姓名：李小伟")).to_be_visible()
        await person.tap("上一题")
        await expect(person.page.locator("#log button", has_text="3. 姓名：李小伟").first).to_be_disabled()


async def test_back_leads_to_the_question_before_and_keeps_its_answer(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, (*UNTIL_SUMMARY[:7], "[上一题]"))
        assert "李伟" in await person.last()
        await play(person, ("[不改]",))
        await expect(person.button("汉族")).to_be_visible()


async def test_an_answered_question_stays_with_the_chosen_button_marked(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await person.tap("不同意")
        first = person.page.locator(".row.office").first.locator(".option")
        await expect(first).to_have_count(2)
        await expect(first.nth(0)).to_be_disabled()
        await expect(first.nth(1)).to_be_disabled()
        await expect(first.nth(0)).to_have_attribute("aria-pressed", "false")
        await expect(first.nth(1)).to_have_attribute("aria-pressed", "true")


async def test_the_rest_of_a_long_list_is_one_tap_away(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, UNTIL_SUMMARY[:7])
        await expect(person.page.locator(".row.office").last.locator(".option:visible")).to_have_count(8)
        await person.button("更多").click()
        await expect(person.page.locator(".row.office").last.locator(".option:visible")).to_have_count(58)
        await person.tap("仡佬族")
        assert (await person.own())[-1] == "仡佬族"


async def test_everything_is_done_with_the_keyboard_alone(tmp_path: Path) -> None:
    async with somebody(tmp_path, viewport={"width": 1280, "height": 800}) as person:
        await person.open()
        keys = person.page.keyboard
        await expect(person.page.locator("#input")).to_be_focused()
        await _focus_by_tab(person, "同意")
        await keys.press("Enter")
        await person.button("外地").wait_for()
        await expect(person.page.locator("#input")).to_be_focused()
        await keys.type("1")
        await keys.press("Enter")
        await person.button("一般住处").wait_for()
        await _focus_by_tab(person, "一般住处")
        await keys.press("Space")
        await person.button("3天或更久").wait_for()
        assert await person.own() == ["同意", "1", "一般住处（租房、宿舍等）"]


async def _focus_by_tab(person: Person, label: str) -> None:
    """Go backwards from the input to a button of the talk; every stop can be seen."""
    for _ in range(30):
        await person.page.keyboard.press("Shift+Tab")
        focused = person.page.locator(":focus")
        outline = await focused.evaluate("element => getComputedStyle(element).outlineWidth")
        assert outline == "3px"
        if re.match(rf"(\d+ )?{label}", await focused.inner_text()):
            return
    raise AssertionError(f"the keyboard does not reach {label}")


async def test_shift_enter_and_an_input_methods_enter_send_nothing(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        box = person.page.locator("#input")
        await box.fill("a")
        await box.press("Shift+Enter")
        await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
        assert await box.input_value() == "a\n"
        assert await person.own() == []


async def test_the_skip_link_leads_to_the_input_and_escape_too(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await person.page.locator(".skip").focus()
        await person.page.keyboard.press("Enter")
        await expect(person.page.locator("#input")).to_be_focused()
        await person.page.get_by_role("button", name="帮助").first.focus()
        await person.page.keyboard.press("Escape")
        await expect(person.page.locator("#input")).to_be_focused()


async def test_what_is_typed_offline_is_shown_as_unsent_and_sent_once_later(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, UNTIL_SUMMARY[:5])
        posted = _count_posts(person)
        await person.context.set_offline(True)
        for text in ("341225199003071233", "李伟"):
            await person.page.locator("#input").fill(text)
            await person.page.locator("#input").press("Enter")
        await expect(person.page.locator(".row.own .state")).to_have_text(["未发送", "未发送"])
        await expect(person.page.locator("#status")).to_contain_text("没有网络")
        assert [item["text"] for item in await outbox(person)] == ["341225199003071233", "李伟"]
        await person.context.set_offline(False)
        await person.button("汉族").wait_for()
        await expect(person.page.locator(".row.own .state")).to_have_count(0)
        assert await outbox(person) == []
        assert [message["text"] for message in posted if message.get("answered")] == ["341225199003071233", "李伟"]
        rows = await person.page.locator(".row:visible").evaluate_all(
            "rows => rows.slice(-4).map(row => row.className)"
        )
        assert [name.split()[1] for name in rows] == ["own", "office", "own", "office"]


def _count_posts(person: Person) -> list[dict[str, Any]]:
    """What is posted from now on, and whether it arrived."""
    posted: list[dict[str, Any]] = []

    def note(request: Any) -> None:
        if request.url.endswith("/chat/messages"):
            posted.append({**json.loads(request.post_data), "answered": True})

    person.page.on("requestfinished", note)
    return posted


async def test_unsent_messages_outlive_the_page(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, UNTIL_SUMMARY[:5])
        await person.page.route("**/chat/messages", lambda route: route.abort())
        await person.page.locator("#input").fill("341225199003071233")
        await person.page.locator("#input").press("Enter")
        await expect(person.page.locator(".row.own .state")).to_have_text("未发送")
        [before] = await outbox(person)
        await person.page.reload()
        await expect(person.page.locator(".row.own:visible .bubble")).to_contain_text("341225199003071233")
        await expect(person.page.locator(".row.own:visible .state")).to_have_text("未发送")
        assert [item["id"] for item in await outbox(person)] == [before["id"]]
        await person.page.unroute("**/chat/messages")
        await expect(person.page.locator(".row.office").last).to_contain_text("您的姓名是？", timeout=60_000)
        assert await outbox(person) == []


async def test_an_answer_that_was_lost_on_the_way_is_fetched_again_under_the_same_id(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        lost: list[str] = []

        async def lose(route: Route) -> None:
            lost.append(json.loads(route.request.post_data or "")["id"])
            await route.fetch()
            await route.abort()

        await person.page.route("**/chat/messages", lose, times=1)
        posted = _count_posts(person)
        await person.tap("同意")
        await expect(person.button("外地")).to_be_visible()
        assert [message["id"] for message in posted] == lost
        await expect(person.page.locator(".row.office")).to_have_count(2)


async def test_a_busy_office_is_told_and_asked_again(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        busy = {"status": 503, "headers": {"Retry-After": "1"}, "json": {"error": "请稍等。"}}
        await person.page.route("**/chat/messages", lambda route: route.fulfill(**busy), times=1)
        await person.button("同意").click()
        await expect(person.page.locator("#status")).to_have_text("请稍等。")
        await person.button("外地").wait_for()
        await expect(person.page.locator("#status")).to_be_empty()


async def test_a_refused_message_says_so_and_can_be_sent_again_or_removed(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        refuse = {"status": 400, "json": {"error": "for programmers"}}
        await person.page.route("**/chat/messages", lambda route: route.fulfill(**refuse), times=2)
        for _ in range(2):
            await person.page.locator("#input").fill("同意")
            await person.page.locator("#input").press("Enter")
        await expect(person.page.locator(".row.own .state > span")).to_have_text(["没有发出去", "没有发出去"])
        await expect(person.button("不同意")).to_be_enabled()
        await person.page.get_by_role("button", name="去掉").first.click()
        await person.page.get_by_role("button", name="重新发送").click()
        await person.button("外地").wait_for()
        assert await person.own() == ["同意"]
        person.faults.clear()  # the browser reports every 400


async def test_two_taps_at_once_make_one_answer(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        posted = _count_posts(person)
        await person.page.locator(".option").first.dblclick()
        await person.button("外地").wait_for()
        await person.button("外地").evaluate("element => { element.click(); element.click(); }")
        await person.button("一般住处").wait_for()
        assert await person.own() == ["同意", "外地"]
        assert [message["choice"]["value"] for message in posted] == ["agree", "elsewhere"]


async def test_the_page_follows_the_talk_into_another_language(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await person.page.get_by_role("button", name="English", exact=True).click()
        await expect(person.page.locator("html")).to_have_attribute("lang", "en")
        await expect(person.page.locator("#input")).to_have_attribute("placeholder", "Type here")
        await expect(person.page.locator("#send")).to_have_attribute("aria-label", "Send")
        await expect(person.page.locator(".row.office").last).to_have_attribute("lang", "en")
        await expect(person.page.get_by_role("button", name="中文", exact=True)).to_be_visible()
        await expect(person.page.locator(".row.office").first).to_have_attribute("lang", "zh")


async def test_a_push_is_shown_once_and_leaves_the_open_question_open(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        async with person.page.expect_request("**/chat/events"):
            await person.open()
        address = address_of(person, await person.context.cookies())
        button = Button("登记规定", Choice("law", "commands", role="control"))
        pushed = Message("通知 https://example.org/a。\n<b>不是标记</b>", controls=(button,))
        await _until_listening(person, address)
        await person.web.channel.send(address, Push((pushed,)))
        await person.button("登记规定").wait_for()
        await person.web.channel.stop()
        await _until_listening(person, address, pages=0)
        await person.web.channel.start()
        await _until_listening(person, address)
        await person.web.channel.send(address, Push((Message("第二个"),)))
        await expect(person.page.locator(".row.office").last).to_contain_text("第二个")
        await expect(person.page.locator(".row.office", has_text="<b>不是标记</b>")).to_have_count(1)
        await expect(person.page.locator(".row.office a")).to_have_attribute("href", "https://example.org/a")
        await expect(person.page.locator(".option").first).to_be_enabled()


async def _until_listening(person: Person, address: str, pages: int = 1) -> None:
    streams = person.web.channel._streams
    for _ in range(2000):
        if streams.count(address) == pages:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{streams.count(address)} pages listen, and not {pages}")


async def test_clearing_a_shared_phone_leaves_nothing_to_the_next_person(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, UNTIL_SUMMARY[:7])
        person.page.on("dialog", lambda dialog: dialog.accept())
        await person.page.get_by_role("button", name="清除").click()
        await expect(person.button("不同意")).to_be_visible()
        assert await person.page.locator("#log", has_text="341225199003071233").count() == 0
        await person.page.reload()
        await expect(person.button("不同意")).to_be_visible()
        await person.page.get_by_role("button", name="我的资料").click()
        await expect(person.page.locator(".row.office")).not_to_have_count(1)
        assert "李伟" not in await person.page.locator("#log").inner_text()
        kept = await person.page.evaluate("Object.keys(localStorage)")
        assert kept == ["anju.cleared"]


async def test_clearing_is_asked_about_first(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        person.page.on("dialog", lambda dialog: dialog.dismiss())
        await person.page.get_by_role("button", name="清除").click()
        await expect(person.button("不同意")).to_be_visible()
        await expect(person.page.locator(".row.office")).to_have_count(1)


async def test_photos_are_uploaded_and_shown(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, UNTIL_SUMMARY[:-2])
        files: list[Any] = [
            {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": photo()} for name in ("front", "back")
        ]
        await person.page.locator("#files").set_input_files(files)
        await expect(person.page.locator(".row.own img")).to_have_count(2)
        await person.button("发完了").wait_for()


async def test_a_photo_over_ten_megabytes_is_made_smaller(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, UNTIL_SUMMARY[:-2])
        large: Any = {"name": "large.png", "mimeType": "image/png", "buffer": noise()}
        await person.page.locator("#files").set_input_files([large])
        await person.button("发完了").wait_for()


async def test_a_file_that_is_too_large_is_told_before_it_is_sent(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        large: Any = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": bytes(10 * 1024 * 1024 + 1)}
        await person.page.locator("#files").set_input_files([large])
        await expect(person.page.locator(".row.own .state > span")).to_have_text("文件太大，请换一张小一点的照片。")


async def test_the_location_is_sent_only_when_it_is_known(tmp_path: Path) -> None:
    async with somebody(tmp_path, permissions=[]) as person:
        await person.open()
        await play(person, UNTIL_SUMMARY[:13])
        await person.button("发送位置").click()
        await expect(person.page.locator("#status")).to_have_text("拿不到位置，请打字写地址。")
        await expect(person.button("安宁街道")).to_be_enabled()
        await person.context.grant_permissions(["geolocation"])
        await person.context.set_geolocation({"latitude": 30.27, "longitude": 120.15})
        await person.tap("发送位置")
        assert (await person.own())[-1] == "发送位置"


@pytest.mark.parametrize("viewport", [{"width": 360, "height": 740}, {"width": 320, "height": 256}])
async def test_nothing_is_wider_than_a_small_screen_and_buttons_are_large(
    tmp_path: Path, viewport: dict[str, int]
) -> None:
    async with somebody(tmp_path, viewport=viewport, has_touch=True, locale="en-GB") as person:
        await person.open()
        for text in ("1", "1", "1", "1", "1", "341225199003071233", "Li Wei " + "W" * 30, "x" * 200):
            await person.write(text)
        assert await width(person) <= viewport["width"]
        assert await person.page.locator("#log").evaluate("log => log.scrollWidth <= innerWidth")
        heights = await person.page.locator("button:visible").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert min(heights) >= 44


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_part_has_a_name_a_role_and_enough_contrast(tmp_path: Path, scheme: str) -> None:
    async with somebody(tmp_path, color_scheme=scheme) as person:
        await person.open()
        await play(person, UNTIL_SUMMARY[:8])
        assert await person.page.get_by_role("log", name="对话").count() == 1
        assert await person.page.get_by_role("textbox", name="写下您的回答").count() == 1
        assert await person.page.get_by_role("status").count() == 1
        nameless = await person.page.locator("button:visible").evaluate_all(
            "all => all.filter(one => !(one.innerText.trim() || one.getAttribute('aria-label'))).length"
        )
        assert nameless == 0
        assert await person.page.locator("img:not([alt])").count() == 0
        assert await person.page.evaluate(CONTRASTS) == []


# WCAG 2.2, 1.4.3: text with less than 4.5:1 against the nearest painted ground; disabled controls are exempt.
CONTRASTS = """() => {
  const light = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const found = parts(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest(":disabled")) continue;
    const [a, b] = [luminance(parts(getComputedStyle(element).color)), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


def photo() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(output, "JPEG")
    return output.getvalue()


def noise() -> bytes:
    """A PNG that doesn't compress: larger than ten megabytes."""
    output = io.BytesIO()
    Image.effect_noise((4200, 3200), 90).save(output, "PNG", compress_level=0)
    assert output.tell() > 10 * 1024 * 1024
    return output.getvalue()

"""The page on which people agree to notifications, and the moment at which they are asked."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.wechat.endpoint import WeChatChannel
from bot.channels.wechat.notices import signature
from handlers.messages import Incoming, Reply
from storage import conversations, grants
from storage.unit import Unit
from tests import house as houses
from tests.channels.wechat_house import Office, office
from tests.doubles.wechat_meter import TICKET
from tests.talks.engine import Engine
from tests.talks.player import play
from tests.talks.transcript import FOLDER, read

ASKED: dict[str, Any] = {"wechat_notifications": "decision=N1,reminder=N2:long"}


async def page(place: Office, query: str = "?lang=en") -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"{place.phone.url.removesuffix('/wechat')}/wechat/notices{query}")


def data(html: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', html)
    assert found is not None
    return found[1]


async def test_the_page_is_signed_for_its_exact_address(tmp_path: Path) -> None:
    async with office(tmp_path, base_url="https://anju.example.org", **ASKED) as place:
        html = (await page(place)).text
        wanted = signature(
            "ticket-of-the-double",
            data(html, "nonce"),
            int(data(html, "timestamp")),
            "https://anju.example.org/wechat/notices?lang=en",
        )
        assert data(html, "signature") == wanted
        assert 'template="N1,N2"' in html
        assert data(html, "app") == place.api.app_id


def test_a_signature_is_what_the_platforms_document_shows() -> None:
    shown = signature(
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        "Wm3WZYTPz0wzccnW",
        1414587457,
        "http://mp.weixin.qq.com?params=value",
    )
    assert shown == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


async def test_without_a_ticket_the_page_still_says_something(tmp_path: Path) -> None:
    async with office(tmp_path, **ASKED) as place:
        place.api.errors[TICKET] = [48001]
        answer = await page(place)
        assert answer.status_code == 503
        assert "Agree" in answer.text


async def test_an_account_without_notifications_has_no_page(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        assert (await page(place)).status_code == 404


async def test_all_copies_share_one_ticket(tmp_path: Path) -> None:
    async with office(tmp_path, **ASKED) as place:
        copies = [WeChatChannel(place.house.settings, place.house.chat) for _ in range(3)]
        for copy in copies:
            await copy.start()
        await asyncio.gather(*(copy._api.ticket() for copy in copies))
        assert place.api.calls[TICKET] == 1
        for copy in copies:
            await copy.stop()


async def test_the_page_loads_nothing_but_ours_and_wechats(tmp_path: Path) -> None:
    async with office(tmp_path, **ASKED) as place:
        answer = await page(place, "")
        assert 'lang="zh"' in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "'unsafe-inline'" not in answer.headers["content-security-policy"].split("style-src")[0]
        assert set(re.findall(r"https?://[^/\"]+", answer.text)) == {"https://res.wx.qq.com"}


class Listener(Engine):
    """A talk on WeChat's behalf that keeps what was said last."""

    last: Sequence[Reply] = ()

    async def _answered(self, incoming: Incoming) -> Sequence[Reply]:
        self.last = await super()._answered(incoming)
        return self.last


RECEIPTS: list[tuple[str, tuple[str, ...], bool]] = [
    ("wechat", (), True),
    ("wechat", ("N1",), True),
    ("wechat", ("N1", "N2"), False),
    ("engine", (), False),
]


@pytest.mark.parametrize(("channel", "agreed", "asks"), RECEIPTS)
async def test_who_has_not_agreed_to_everything_is_asked_after_the_receipt(
    channel: str, agreed: tuple[str, ...], asks: bool, tmp_path: Path
) -> None:
    values = {"wechat_token": "t", "wechat_app_id": "wx1", "wechat_app_secret": "s", **ASKED}
    async with houses.opened(houses.settings(f"sqlite:///{tmp_path / 'a.db'}", **values)) as house:
        talk = Listener(house, "zh", datetime.now(UTC), channel)

        def give(unit: Unit) -> None:
            found = conversations.begin(unit, channel, "me", "zh", datetime.now(UTC))
            for template in agreed:
                grants.give(unit, found.id, template, lasting=template == "N2")

        await house.database.run(give)
        await play(read(FOLDER / "01_rented_for_work.txt"), talk)
        (receipt,) = [reply for reply in talk.last if reply.template == "say/receipt"]
        assert receipt.data["agree"] is asks
        words = house.words.say("zh", receipt.template, **receipt.data)
        assert ("/wechat/notices?lang=zh" in words) is asks

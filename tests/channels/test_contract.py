"""The contract of every channel: the same talk is answered alike and stores the same answers."""

from pathlib import Path

import pytest

from bot.channels.entries import CHANNELS
from tests.channels.ways import ASKS_FOR_LANGUAGE, Telegram, Terminal, Web, WeChat, way
from tests.talks.player import play, stored
from tests.talks.test_talks import told_day
from tests.talks.transcript import Transcript, every

CAN = {"web": Web.can, "wechat": WeChat.can, "telegram": Telegram.can, "terminal": Terminal.can}
SAID = [
    pytest.param(entry.name, transcript, id=f"{entry.name}-{transcript.name}")
    for entry in CHANNELS
    for transcript in every()
    if transcript.kinds <= CAN[entry.name]
]


def test_every_channel_says_most_talks() -> None:
    for entry in CHANNELS:
        assert sum(entry.name == said.values[0] for said in SAID) >= 30


@pytest.mark.parametrize(("channel", "transcript"), SAID)
async def test_a_talk_is_the_same_on_every_channel(channel: str, transcript: Transcript, tmp_path: Path) -> None:
    async with way(channel, transcript.language, tmp_path) as way_in:
        played = await play(transcript, way_in)
    began = 1 if transcript.language and channel in ASKS_FOR_LANGUAGE else 0
    assert list(played.lines)[began:] == [exchange.answers for exchange in transcript.exchanges][began:]
    assert [told_day(line) for line in stored(played)] == transcript.stored


@pytest.mark.parametrize(("channel", "leaves"), [("telegram", True), ("web", False), ("wechat", False)])
async def test_the_first_screen_says_where_data_leaves_the_country(channel: str, leaves: bool, tmp_path: Path) -> None:
    async with way(channel, "", tmp_path) as way_in:
        await way_in.type("me", "你好")
        (message,) = way_in.house.chat.messages(way_in.house.chat.answers[-1])  # type: ignore[attr-defined]  # Heard
    assert ("境外" in message.text) == leaves

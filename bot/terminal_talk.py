"""`anju chat`: a talk in the terminal, by hand or from a file of lines."""

import asyncio
import getpass
import secrets
import sys
from pathlib import Path

from rich.console import Console

from bot.channels.terminal import TerminalChannel
from bot.delivery import Sender
from bot.house import House, open_house
from bot.media import Fetcher
from bot.settings import Settings

OWN, OTHER = "‹", "›"
COMMENT = "#"
LEAVE = frozenset({"exit()", ":q"})


async def talk(settings: Settings, script: Path | None, name: str, language: str) -> None:
    """Talk until the input ends. A script is told by somebody new, unless `name` says who."""
    lines = None if script is None else await asyncio.to_thread(_lines, script)
    house = await open_house(settings)
    try:
        if lines is None:
            await _by_hand(house, name or getpass.getuser(), language)
        else:
            await _by_script(house, name or f"script-{secrets.token_hex(4)}", language, lines)
    finally:
        house.database.close()


async def _by_hand(house: House, address: str, language: str) -> None:
    console = Console(highlight=False)
    channel = TerminalChannel(house.chat, lambda words: console.print(f"\n{words}\n", markup=False))
    console.print("(:q leaves; @photo.jpg sends a file)", style="dim")
    await channel.open(address, language)
    while True:
        try:
            line = (await asyncio.to_thread(input, f"{OWN} ")).strip()
        except (EOFError, KeyboardInterrupt):
            return
        if line in LEAVE:
            return
        await channel.line(address, line)
        await _pushed(house, channel, address)


async def _by_script(house: House, address: str, language: str, lines: list[str]) -> None:
    """Lines and answers, without colours and widths, so that two runs can be compared."""
    channel = TerminalChannel(house.chat, lambda words: sys.stdout.write(_quoted(words)))
    await channel.open(address, language)
    for line in lines:
        sys.stdout.write(f"{OWN} {line}\n")
        await channel.line(address, line)
        await _pushed(house, channel, address)


async def _pushed(house: House, channel: TerminalChannel, address: str) -> None:
    """What the clock of a server would send."""
    channels = {channel.name: channel}
    await Fetcher(house.database, channels).fetch_due()
    await Sender(house.database, house.words, channels).send_to(channel.name, address)


def _lines(script: Path) -> list[str]:
    lines = script.read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith(COMMENT)]


def _quoted(words: str) -> str:
    return "".join(f"{OTHER} {line}".rstrip() + "\n" for line in words.splitlines()) + "\n"

"""Help on the spot: a member's own phone is the form for somebody else, who confirms everything on theirs."""

import re
from collections.abc import Sequence

from starlette.responses import Response

from bot.channels.channel import Button, Message
from bot.console.calls import BIGGEST
from bot.console.errand import Errand
from bot.console.homes import HOMES, code_of
from bot.console.queue import digits, reviewer_of
from bot.console.signing_in import qr
from bot.house import office_facts
from handlers.messages import Tap
from handlers.office import helping
from handlers.office.helping import Helping, Said
from handlers.office.home_codes import clear
from handlers.turns import Answered
from storage.helps import Help

HELPED = "/console/helped"
ONCE = re.compile(r"[0-9a-f]{32}")
MOVES = ("keep", "skip", "back", "help")  # the talk's other buttons mean nothing here
SEND = "send"
BETWEEN = "|"


async def begin(errand: Errand) -> Response:
    """Begin, once the person has heard what is asked and why, and agrees that it is typed for them."""
    code, draft, reviewer = code_of(errand), errand.field("draft"), reviewer_of(errand)
    if errand.field("agreed") != "yes" or not ONCE.fullmatch(draft):
        return errand.go(f"{HOMES}/{code}?problem=agreed")
    office, language = errand.desk.house.chat.office, errand.language
    begun = await errand.run(
        lambda unit: helping.begin(unit, reviewer, code, helping.Begin(draft, language), office, errand.now)
    )
    return errand.go(f"{HOMES}?problem=gone" if begun is None else f"{HELPED}/{begun.id}")


async def show(errand: Errand) -> Response:
    """The open question, the code for the person, or what became of it."""
    number, reviewer, office = _asked(errand), reviewer_of(errand), errand.desk.house.chat.office
    found = await errand.run(lambda unit: helping.look(unit, reviewer, number, office, errand.now))
    return _page(errand, found)


async def answer(errand: Errand) -> Response:
    """An answer that the person gave."""
    number, reviewer, office = _asked(errand), reviewer_of(errand), errand.desk.house.chat.office
    said = Said(errand.field("text"), _tap(errand.field("tap")), digits(errand.field("version")))
    found = await errand.run(lambda unit: helping.answer(unit, reviewer, number, said, office, errand.now))
    if found is None or (len(found.replies) <= 1 and found.help.state != "ended"):
        return errand.go(f"{HELPED}/{number}")
    typed = said.text if found.refused else ""
    return _page(errand, found, typed=typed, status=422 if found.refused else 200)


async def reopen(errand: Errand) -> Response:
    """Change something after all."""
    number, reviewer, office = _asked(errand), reviewer_of(errand), errand.desk.house.chat.office
    await errand.run(lambda unit: helping.reopen(unit, reviewer, number, office, errand.now))
    return errand.go(f"{HELPED}/{number}")


async def end(errand: Errand) -> Response:
    """Nothing comes of it."""
    number, reviewer = _asked(errand), reviewer_of(errand)
    ended: Help | None = await errand.run(lambda unit: helping.end(unit, reviewer, number, errand.now))
    if ended is None:
        return errand.go(f"{HOMES}?problem=gone")
    return errand.go(f"{HOMES}/{ended.home}{'?done=help_ended' if ended.state == 'ended' else ''}")


def _page(errand: Errand, found: Helping | None, *, typed: str = "", status: int = 200) -> Response:
    if found is None:
        return errand.go(f"{HOMES}?problem=gone")
    language = errand.language if found.conversation is None else found.conversation.language
    messages = errand.desk.house.words.messages(Answered(b"", 0, language, found.replies))
    last = messages[-1] if messages else Message("")
    url = f"{office_facts(errand.desk.house.settings).url}/h/{found.help.code}"
    return errand.page(
        "helped",
        status,
        found=found,
        messages=messages,
        last=last,
        moves=_moves(last),
        sends=any(button.choice.value == SEND for button in last.controls),
        tap=_packed,
        typed=typed,
        clear=clear,
        url=url,
        code=qr(url) if found.help.code else "",
        minutes=int(helping.CODE_LASTS.total_seconds() // 60),
    )


def _moves(last: Message) -> Sequence[Button]:
    return [button for button in last.controls if button.choice.value in MOVES]


def _packed(button: Button) -> str:
    tap = button.choice.tap
    return BETWEEN.join((tap.form, tap.step, tap.value))


def _tap(text: str) -> Tap | None:
    parts = text.split(BETWEEN, 2)
    return Tap(*parts) if len(parts) == len(("form", "step", "value")) else None


def _asked(errand: Errand) -> int:
    number = int(errand.request.path_params["help"])
    return number if number < BIGGEST else 0

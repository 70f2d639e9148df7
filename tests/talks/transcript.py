"""Whole talks as text.

    ‹ 李伟                         what the person types
    ‹ {-4 %d/%m}                  types the day four days ago, written so
    ‹ [rented]                     taps the option, line or command of that value in the last answer
    ‹ [migrant/stay_kind/own]      taps an old button
    ‹ ~photo                       sends a photo (also ~pdf ~voice ~sticker ~video ~file)
    ‹ ~list some bad               sends a list of tests/talks/listed.py as a file
    ‹ ~contact own 138…            shares a contact, own or other; ~place 30.2,120.1 a location
    ‹ ~open home                   comes by the QR code of a home
    ‹ ~open door                   scans the code of the newest home; ~open door 302: of its room
    ‹ ~open invitation             comes by the link that the landlord got last
    ‹ ~told                        what others were told meanwhile stands below, and its buttons can be tapped
    ‹ ~again                       the last message arrives once more
    ‹ ~later 20 days               time passes (days, hours, minutes)
    ‹ ~as other                    another account goes on
    ‹ ~code                        types the code that was said last
    ! member reviewer              a member of the staff gets a code at the console for an own account
    ! takes                        a reviewer takes the next one; also: approves, gives back
    ! asks again name=unclear,phone=wrong     own words instead of a reason: name="两个字都要"
    ! says 您好                     staff answer whoever asked for a person; also: hands back, ends silences
    ! reminds after 3 days       the clock strikes so many days later; what is due is told
    ! helps 外地，1，1 …            staff type somebody's answers on the spot; ~open help: the person scans the code
    ! confirms the home            also: refuses the home; replaces the codes (~open lost: an old poster is scanned);
                                   finds that they live there / that they don't live there
    ! works on lists               what was handed in is checked, what was accepted is taken
    ! time passes 200 days       everything sent and issued is so much older, and the day's job has run
    ! issues the permit          also: issues the permit electronic; hands out the permit, makes the permit anew
    ! ends the permit local_hukou
    ! refuses not_here             the notices that the person gets stand below, and their buttons can be tapped
    > ask/ethnicity [01 08 …]      the answer's templates in order, with option values
    = name 李伟                     an answer of the last submission; `= name?`: skipped; `= none`: nothing was sent
    = : registration changed, change registered     the state of each submission, where the office did something

A line `@en` at the top: the platform's language. `@home`: a home with a QR code is there.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from handlers.messages import Reply

FOLDER = Path(__file__).parent / "transcripts"
SHOWN_OPTIONS = 3
CODE = re.compile(r"\b[2-9A-HJKMNP-TV-Z]{12}\b")
NUMBER = re.compile(r"\b\d{6}-[0-9A-Z]{5}-[0-9A-Z]\b")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the person does, and the answer's lines."""

    said: str
    answers: tuple[str, ...]


@dataclass(slots=True)
class Transcript:
    """A talk: its name, what was set up, what was said, and what is stored at the end."""

    name: str
    title: str = ""
    language: str = ""
    has_home: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> frozenset[str]:
        """What beyond words and taps it needs (`photo`, `voice`, `later` …; `stale`: old buttons)."""
        said = [exchange.said for exchange in self.exchanges]
        acts = {words[1:].split()[0] for words in said if words.startswith("~")} - {"told"}
        return frozenset(acts | {"stale" for words in said if words.startswith("[") and "/" in words})


def read(path: Path) -> Transcript:
    """The talk in a file."""
    transcript = Transcript(path.stem)
    for line in path.read_text("utf-8").splitlines():
        sign, _, rest = line.partition(" ")
        if sign not in SIGNS:
            raise ValueError(f"{path.name}: {line!r} is no line of a transcript")
        SIGNS[sign](transcript, rest.strip())
    return transcript


def _said(transcript: Transcript, rest: str) -> None:
    transcript.exchanges.append(Exchange(rest, ()))


def _answered(transcript: Transcript, rest: str) -> None:
    last = transcript.exchanges[-1]
    transcript.exchanges[-1] = Exchange(last.said, (*last.answers, rest))


def _office(transcript: Transcript, rest: str) -> None:
    transcript.exchanges.append(Exchange(f"! {rest}", ()))


def _entitled(transcript: Transcript, rest: str) -> None:
    transcript.title = rest


def _in_english(transcript: Transcript, rest: str) -> None:
    transcript.language = "en"


def _with_home(transcript: Transcript, rest: str) -> None:
    transcript.has_home = True


def _stored(transcript: Transcript, rest: str) -> None:
    transcript.stored.append(rest)


SIGNS = {
    "#": _entitled,
    "@en": _in_english,
    "@home": _with_home,
    "‹": _said,
    "!": _office,
    ">": _answered,
    "=": _stored,
}


def written(transcript: Transcript) -> str:
    """The talk as a file."""
    lines = [f"# {transcript.title}"]
    lines += [f"@{transcript.language}"] if transcript.language else []
    lines += ["@home"] if transcript.has_home else []
    for exchange in transcript.exchanges:
        said = exchange.said if exchange.said.startswith("! ") else f"‹ {exchange.said}"
        lines += [said, *(f"> {answer}" for answer in exchange.answers)]
    return "\n".join([*lines, *(f"= {answer}" for answer in transcript.stored), ""])


def every() -> list[Transcript]:
    """Every talk there is."""
    return [read(path) for path in sorted(FOLDER.glob("*.txt"))]


def line_of(reply: Reply) -> str:
    """An answer as a transcript's line: the template and the first option values."""
    values = [numberless(choice.value) for choice in reply.choices if choice.role == "option"]
    if not values:
        return reply.template
    more = " …" if len(values) > SHOWN_OPTIONS else ""
    return f"{reply.template} [{' '.join(values[:SHOWN_OPTIONS])}{more}]"


def numberless(text: str) -> str:
    """Receipt numbers and homes' codes are drawn by lot: each is written as `number` or `code`."""
    return CODE.sub("code", NUMBER.sub("number", text))

"""Messages as WeChat text: numbered links, and pages of at most 2,048 bytes. Pure but for the words around them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.channels.channel import Button, Message
from bot.channels.wechat.links import anchor, harmless, link
from bot.channels.wechat.xml import printable
from bot.render import Words
from handlers.messages import Tap

LIMIT = 2048
PUSHED = 5
SEPARATOR = " · "
FEW = 8  # so many commands stand in one line, which the client wraps
WIDE = 16
LINE = 34
HIDDEN = frozenset({"share_contact", "share_location"})


@dataclass(frozen=True, slots=True)
class Voice:
    """What is said around messages: above options (maybe nothing), below a page, and the word that asks for more."""

    choose: str
    more: str
    more_follows: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page; `marked` holds links and stays whole, or is replaced by `plain`, which may be divided."""

    plain: str
    marked: str = ""

    def pieces(self, room: int) -> Iterable[str]:
        """The line in pieces that fit."""
        written = self.marked or self.plain
        return (written,) if _size(written) <= room else _divided(self.plain, room)


def voice(words: Words, language: str) -> Voice:
    """What is said around messages, in a language."""
    return Voice(
        choose=words.phrase(language, "choose_by_number"),
        more=words.label(language, "commands", "more"),
        more_follows=words.phrase(language, "more_follows"),
    )


def compose(messages: Sequence[Message], page: int, voice: Voice) -> str:
    """One page: page 0 begins with the text, later ones hold the rest; past the end it is the last."""
    pages = _pages(messages, voice)
    number = min(page, len(pages) - 1)
    return pages[number] if number == len(pages) - 1 else f"{pages[number]}\n{_more(voice)}"


def push(messages: Sequence[Message], voice: Voice) -> tuple[str, ...]:
    """Every page, one text each; a customer-service window takes five, so a sixth waits for `more`."""
    pages = _pages(messages, voice)
    if len(pages) <= PUSHED:
        return pages
    return (*pages[: PUSHED - 1], f"{pages[PUSHED - 1]}\n{_more(voice)}")


def fit(text: str) -> str:
    """Words that are said outside a turn, cut to what a text may hold."""
    return next(iter(_divided(printable(text), LIMIT)), "")


def _pages(messages: Sequence[Message], voice: Voice) -> tuple[str, ...]:
    opening = [line for message in messages for line in _opening(message, voice)]
    rest = [line for message in messages for line in _rest(message)]
    whole = _joined(line.marked or line.plain for line in opening)
    if not rest and _size(whole) <= LIMIT:
        return (whole,)
    return (*_cut(opening, _room(voice)), *_cut(rest, _room(voice)))


def _opening(message: Message, voice: Voice) -> list[Line]:
    """The text, the options to show at first with how to choose, and the commands."""
    text = [Line(harmless(line)) for line in printable(message.words).splitlines()]
    how = [Line(voice.choose)] if message.options and voice.choose else []
    return [*text, *how, *_options(message.shown), *_controls(message), Line("")]


def _rest(message: Message) -> list[Line]:
    """The options that were left out at first, and the commands again."""
    left_out = message.options[len(message.shown) :]
    return [*_options(left_out), *_controls(message), Line("")] if left_out else []


def _options(options: Sequence[Button]) -> list[Line]:
    """A blank line, and a link for each option after its number."""
    listed = [Line(f"{b.number}. {harmless(b.label)}", f"{b.number}. {link(b)}") for b in options]
    return [Line(""), *listed] if listed else []


def _controls(message: Message) -> list[Line]:
    """A blank line, and the commands side by side; a summary's lines are picked by number and need no links."""
    usable = [button for button in message.controls if button.choice.value not in HIDDEN]
    rows = [usable] if len(usable) <= FEW and all(_width(button) <= WIDE for button in usable) else _rows(usable)
    return [Line(""), *map(_side_by_side, rows)] if usable else []


def _side_by_side(row: Sequence[Button]) -> Line:
    plain = SEPARATOR.join(harmless(button.label) for button in row)
    return Line(plain, SEPARATOR.join(link(button) for button in row))


def _rows(buttons: Sequence[Button]) -> list[list[Button]]:
    """Many or long commands, as many in a line as a telephone shows: a page can be cut between lines."""
    rows: list[list[Button]] = []
    for button in buttons:
        if rows and sum(map(_width, (*rows[-1], button))) + len(SEPARATOR) * len(rows[-1]) <= LINE:
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def _width(button: Button) -> int:
    """How wide the words are: in this encoding a Chinese character takes two bytes, a Latin one a single byte."""
    return len(button.label.encode("gb18030"))


def _cut(lines: Sequence[Line], room: int) -> list[str]:
    """Lines filled into pages, in order."""
    pages: list[list[str]] = [[]]
    left = room
    for piece in (piece for line in lines for piece in line.pieces(room)):
        if _size(piece) > left:
            pages.append([])
            left = room
        pages[-1].append(piece)
        left -= _size(piece) + 1
    return [page for page in map(_joined, pages) if page]


def _divided(text: str, room: int) -> Iterable[str]:
    """Text in pieces of at most `room` bytes, no character torn."""
    encoded = text.encode()
    while encoded:
        piece = encoded[:room].decode(errors="ignore")
        yield piece
        encoded = encoded[len(piece.encode()) :]


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip("\n")


def _more(voice: Voice) -> str:
    return anchor(voice.more_follows, voice.more, Tap("", "", "more"))


def _room(voice: Voice) -> int:
    return LIMIT - _size(_more(voice)) - 1


def _size(text: str) -> int:
    return len(text.encode())

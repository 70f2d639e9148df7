"""Which of several named things a person's words mean."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SHORTEST_HAN = 2
SHORTEST_LATIN = 3

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]")
_EDGES = " .。!！,，、;；:：~…\"'()[]【】《》“”"
_CURLY = str.maketrans("‘’ʼ", "'''")
_LEAD = re.compile(
    r"(?:我|他|她|孩子|本人)?(?:就是|都是|是|选择|选)"
    r"|(?:i am|i'm|it is|it's|he is|he's|she is|she's|i choose|i pick|choose|select) (?:an? |the )?"
)
_TOO_COMMON = frozenset("的我有人在和了是其他") | {"the", "and", "for", "with"}
_CLAUSES = re.compile(r"[,，.。;；!！、]|而是|但|\bbut\b")
_HARMLESS = re.compile(r"非常|没问题|没事|没关系")
_DOUBT = re.compile(
    r"[不没沒非未无無勿吗嗎?？]|什么|怎么|是否|如果|哪|谁"
    r"|\b(?:not|never|no|non|none|neither|un|dont|doesnt|isnt|cant|cannot|what|why|how|if|whether|which)\b|n't\b"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A value and its names, each folded."""

    value: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    value: str


def folded(text: str) -> str:
    """Tidied words as they are compared: small letters, straight apostrophes, no punctuation around."""
    return text.casefold().translate(_CURLY).strip(_EDGES)


def exactly(things: tuple[Named, ...], said: str) -> list[str]:
    """The values of that very name, whether said alone or as 我是…, I'm a …."""
    lead = _LEAD.match(said)
    for wanted in (said, said[lead.end() :].strip() if lead else ""):
        found = _where(things, wanted.__eq__) if wanted else []
        if found:
            return found
    return []


def partly(things: tuple[Named, ...], said: str) -> list[str]:
    """The values whose name begins so, else those with these words inside a name."""
    if said in _TOO_COMMON or not _is_enough(said, han=1, latin=2):
        return []
    begun = _where(things, lambda name: name.startswith(said))
    if begun or not _is_enough(said, han=1, latin=SHORTEST_LATIN):
        return begun
    return _where(things, lambda name: any(_spans(name, said, ends_too=False)))


def mentioned(things: tuple[Named, ...], said: str) -> list[str]:
    """The values named in a sentence: the longest name counts (未婚, not 婚), none in a clause that denies or asks."""
    mentions = _longest(things, said)
    bounds = [found.span() for found in _CLAUSES.finditer(said)]
    blanked = said
    for mention in mentions:
        blanked = blanked[: mention.start] + "\0" * (mention.end - mention.start) + blanked[mention.end :]
    sure = {mention.value for mention in mentions if not _is_doubted(mention, blanked, bounds)}
    return [thing.value for thing in things if thing.value in sure]


def _where(things: tuple[Named, ...], test: Callable[[str], bool]) -> list[str]:
    return [thing.value for thing in things if any(map(test, thing.names))]


def _longest(things: tuple[Named, ...], said: str) -> list[_Mention]:
    """The mentions that don't lie across a longer one."""
    every = [
        _Mention(start, start + len(name), thing.value)
        for thing in things
        for name in thing.names
        if _is_enough(name, han=SHORTEST_HAN, latin=SHORTEST_LATIN)
        for start in _spans(said, name)
    ]
    kept: list[_Mention] = []
    for mention in sorted(every, key=lambda m: m.start - m.end):
        if all(_is_apart(mention, other) for other in kept):
            kept.append(mention)
    return kept


def _is_apart(mention: _Mention, other: _Mention) -> bool:
    """Whether two mentions share no character, or are the same words for two values."""
    same = (mention.start, mention.end) == (other.start, other.end)
    return same or mention.end <= other.start or other.end <= mention.start


def _is_doubted(mention: _Mention, blanked: str, bounds: list[tuple[int, int]]) -> bool:
    start = max((end for _, end in bounds if end <= mention.start), default=0)
    end = min((begin for begin, _ in bounds if begin >= mention.end), default=len(blanked))
    asked = blanked[end : end + 1] in {"?", "？"}
    return asked or _DOUBT.search(_HARMLESS.sub("", blanked[start:end])) is not None


def _spans(text: str, part: str, *, ends_too: bool = True) -> Iterator[int]:
    """Where the part stands in the text; Latin words and numbers only from a word's start (to its end)."""
    start = text.find(part)
    while start >= 0:
        after = start + len(part)
        if not _joins(text[start - 1 : start], part[0]) and not (
            ends_too and _joins(part[-1], text[after : after + 1])
        ):
            yield start
        start = text.find(part, start + 1)


def _joins(left: str, right: str) -> bool:
    """Whether two neighbours belong to one word: letters or digits, neither of them Chinese."""
    return left.isalnum() and right.isalnum() and not _HAN.match(left) and not _HAN.match(right)


def _is_enough(text: str, *, han: int, latin: int) -> bool:
    """Whether a part is long enough to be meant."""
    return len(text) >= (han if _HAN.search(text) else latin)

"""Which command a message holds: what is typed, in any language's words for it, or pressed."""

import re
import unicodedata

from handlers.messages import Incoming
from handlers.office import home_codes, requests
from handlers.vocabulary import Vocabulary

_LINK = re.compile(r"^(?:link|绑定|关联|连接)?\s*[:：]?\s*(\d{6})$")
_CODED = re.compile(r"^(?P<word>.+?)\s*[:：]?\s*(?P<code>[a-z0-9]{4,8})$")  # a staff code has six signs; some misread
_BEGUN = re.compile(r"\s*(?P<word>[^:：]{1,40}?)\s*[:：]\s*(?P<rest>.+)", re.DOTALL)
_AROUND = " \t\n/。.!！?？,，~、"
LONGEST_COMMAND = 40


def asked_for(incoming: Incoming, vocabulary: Vocabulary, *, talking: bool) -> str:
    """The command in a message, as `name` or `name:argument`; empty if it holds none."""
    tap = incoming.choice
    if tap is not None:
        return tap.value if not tap.step else ""
    said = unicodedata.normalize("NFKC", incoming.text).strip(_AROUND).casefold()
    requested = _requesting(incoming.text, vocabulary) or _asking(incoming.text, vocabulary)
    if requested:
        return requested
    if not said or len(said) > LONGEST_COMMAND:
        return ""
    linking = _LINK.match(said)
    if linking and (not talking or not said.isdecimal()):
        return f"link:{linking[1]}"
    scanned = home_codes.typed(said)
    return f"code:{scanned}" if scanned else vocabulary.commands.get(said, "") or _checking(said, vocabulary)


def _checking(said: str, vocabulary: Vocabulary) -> str:
    """`check ABC234` in any language's words for it; empty for anything else."""
    coded = _CODED.match(said)
    return f"check:{coded['code']}" if coded and vocabulary.commands.get(coded["word"]) == "check" else ""


def _asking(text: str, vocabulary: Vocabulary) -> str:
    """`law: …` with a question after it, however long; empty for anything else."""
    word, question = _BEGUN.match(text), after_word(text)
    known = word is not None and vocabulary.commands.get(_plain(word["word"])) == "law"
    return "law:ask" if known and question else ""


def after_word(text: str) -> str:
    """What stands behind a word and its colon; empty where nothing does."""
    found = _BEGUN.match(text)
    return found["rest"].strip(_AROUND) if found else ""


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip(_AROUND).casefold()


def _requesting(text: str, vocabulary: Vocabulary) -> str:
    """`complaint: …` or `reply: …` in any language's words for it, however long; empty for anything else."""
    worded = requests.WORDED.match(text)
    word = _plain(worded["word"]) if worded else ""
    command = vocabulary.commands.get(word, "")
    return command if command.startswith("request:") or command == "respond" else ""

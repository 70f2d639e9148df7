"""What is kept of a question without an answer: never anything that tells whose it was."""

import re

from handlers.visit import Visit
from regulations.search_words import folded, is_han
from storage import missed_searches
from storage.records import Answers

LONGEST = 60  # longer ones are stories, and stories tell who tells them
_TELLING = re.compile(r"\d|[@#]|https?:|www\.|[零一二三四五六七八九十]{5,}")
_PROPER = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")  # a capital inside a sentence: a name of some kind


def note(visit: Visit, question: str) -> bool:
    """Keep the words for whoever writes notices; False where they are only counted.

    That is so where they may tell who asked, and where the person has not agreed to anything being kept.
    """
    words = " ".join(question.split())
    if not visit.conversation.consent or tells_somebody(visit, words):
        return False
    missed_searches.note(visit.unit, folded(words), visit.conversation.language, visit.now)
    return True


def tells_somebody(visit: Visit, words: str) -> bool:
    """Whether numbers, addresses, names or what this person told about themselves may be in it."""
    if len(words) > LONGEST or _TELLING.search(words) or _PROPER.search(words):
        return True
    return visit.office.finder().names_somebody(words) or _is_own(visit.conversation.answers, folded(words))


def _is_own(answers: Answers, words: str) -> bool:
    """Whether it repeats an answer that was written in own words (a name, an employer, an address)."""
    told = [folded(str(answer.value)) for answer in answers.values() if isinstance(answer.value, str)]
    return any(one in words for one in told if len(one) > 1 and (is_han(one) or len(one) > LEAST_LATIN))


LEAST_LATIN = 3  # codes of lists are shorter, or stand in no sentence

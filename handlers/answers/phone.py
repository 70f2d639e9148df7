"""Telephone numbers, normalised to E.164."""

import re
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from handlers.answers.text import tidy, words
from handlers.messages import Contact, Incoming
from handlers.steps import Context, InvalidAnswer
from storage.records import Answers

HOME = "CN"
MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})

_SIGNS = re.compile(r"[+0-9][+0-9 ()./\-‐‑‒–—−]*")
_LOCAL = re.compile(r"[2-8][0-9]{6,7}")
_SHORTEST = 5


def mobile(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """The person's own mobile number; a shared contact counts only if it is the sender's."""
    if incoming.contact is not None:
        return _mobile(_shared(incoming.contact)) if incoming.contact.own else InvalidAnswer("contact_not_own")
    said = words(incoming)
    return said if isinstance(said, InvalidAnswer) else _mobile(_written(said))


def any_phone(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """Somebody else's number, a shared contact too: mobile, or a landline with its area code."""
    if incoming.contact is not None:
        return _e164(_shared(incoming.contact))
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    number = _written(said)
    if isinstance(number, InvalidAnswer) and _LOCAL.fullmatch(_digits(said)):
        return InvalidAnswer("phone_no_area_code")
    return _e164(number)


def _shared(contact: Contact) -> PhoneNumber | InvalidAnswer:
    """A contact's number. The platform gives the sender's own with its country's code, often without the plus."""
    phone = tidy(contact.phone)
    abroad = _parsed("+" + _digits(phone)) if contact.own and not phone.startswith("+") else None
    return abroad or _written(phone)


def _written(said: str) -> PhoneNumber | InvalidAnswer:
    """The one number in the words; without a country's code it is a Chinese one."""
    runs = [run[0].strip() for run in _SIGNS.finditer(said)]
    numbers = [run for run in runs if len(_digits(run)) >= _SHORTEST]
    if len(numbers) != 1:
        return InvalidAnswer("phone_no_country" if runs and not numbers else "phone_invalid")
    typed = re.sub(r"[^+0-9]", "", numbers[0])
    number = _parsed(typed)
    if number is not None:
        return number
    return InvalidAnswer("phone_invalid" if typed.startswith(("+", "00")) else "phone_no_country")


def _parsed(typed: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(typed, HOME)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _mobile(number: PhoneNumber | InvalidAnswer) -> str | InvalidAnswer:
    if isinstance(number, InvalidAnswer) or phonenumbers.number_type(number) in MOBILE:
        return _e164(number)
    return InvalidAnswer("phone_not_mobile")


def _e164(number: PhoneNumber | InvalidAnswer) -> str | InvalidAnswer:
    if isinstance(number, InvalidAnswer):
        return number
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)

"""Telephone numbers, normalised to E.164."""

import re
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from handlers.answers.text import words
from handlers.messages import Incoming
from handlers.steps import Context, InvalidAnswer
from storage.records import Answers

HOME = "CN"
MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
LONGEST = 30

_LEADING = re.compile(
    r"^(?:我的)?(?:手机号码|手机号|手机|电话号码|电话|phone|mobile|tel)\s*(?:是|is)?\s*[:.]?\s*", re.IGNORECASE
)


def mobile(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """The person's own mobile number; a shared contact counts only if it is the sender's."""
    if incoming.contact is not None:
        return (
            _parsed(incoming.contact.phone, mobile_only=True)
            if incoming.contact.own
            else InvalidAnswer("contact_not_own")
        )
    said = words(incoming)
    return said if isinstance(said, InvalidAnswer) else _parsed(said, mobile_only=True)


def any_phone(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """Somebody else's number: mobile, or a landline with its area code."""
    if incoming.contact is not None:
        return _parsed(incoming.contact.phone, mobile_only=False)
    said = words(incoming)
    return said if isinstance(said, InvalidAnswer) else _parsed(said, mobile_only=False)


def _parsed(text: str, *, mobile_only: bool) -> str | InvalidAnswer:
    bare = _LEADING.sub("", text)
    if len(bare) > LONGEST:
        return InvalidAnswer("phone_invalid")
    international = re.sub(r"^86(?=1\d{10}$)", "+86", re.sub(r"\D", "", bare)) if bare[:2] == "86" else bare
    try:
        number = phonenumbers.parse(international, HOME)
    except NumberParseException:
        return InvalidAnswer("phone_invalid")
    if not phonenumbers.is_valid_number(number):
        return InvalidAnswer("phone_invalid" if bare.startswith(("+", "00")) else "phone_no_country")
    if mobile_only and phonenumbers.number_type(number) not in MOBILE:
        return InvalidAnswer("phone_not_mobile")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)

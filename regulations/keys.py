"""The rules a pack may state, and the units each may be given in."""

from collections.abc import Mapping
from types import MappingProxyType

NUMBER_UNITS = frozenset({"working_days", "calendar_days", "calendar_months", "years", "hours", "yuan"})
"""Units whose value is a whole number, zero or more."""

UNITS = NUMBER_UNITS | {"flag", "text", "list"}
"""All units. `flag`: true or false; `text`: one name; `list`: names."""

_FLAG = frozenset({"flag"})
_TEXT = frozenset({"text"})
_LIST = frozenset({"list"})
_DAYS = frozenset({"working_days", "calendar_days"})
_YEARS = frozenset({"years"})

KEYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "scope.floating_population": _TEXT,
        "foreigners.excluded": _FLAG,
        "foreigners.registration": frozenset({"hours"}),
        "hk_mo_tw.excluded": _FLAG,
        "registration.duty": _FLAG,
        "registration.min_stay": frozenset({"calendar_days"}),
        "registration.deadline": _DAYS,
        "registration.exempt.hotel": _FLAG,
        "registration.exempt.hospital": _FLAG,
        "registration.exempt.school": _FLAG,
        "registration.exempt.shelter": _FLAG,
        "registration.exempt.relatives": frozenset({"calendar_days"}),
        "registration.trigger_after_exempt": _TEXT,
        "registration.proxy.minor": _YEARS,
        "registration.proxy.elderly_disabled": _FLAG,
        "registration.proxy.docs": _LIST,
        "proxy.all_steps": _LIST,
        "proxy.close_relative": _LIST,
        "registration.docs": _LIST,
        "registration.certificate": _LIST,
        "registration.certificate.validity": frozenset({"calendar_months", "calendar_days"}),
        "registration.where": _LIST,
        "registration.review": _DAYS,
        "registration.deregister": _FLAG,
        "fee.registration": frozenset({"yuan"}),
        "change.registration": _DAYS,
        "privacy.confidential": _FLAG,
        "privacy.minimum": _FLAG,
        "privacy.separate_consent": _FLAG,
        "privacy.guardian_consent": _YEARS,
        "privacy.withdraw": _FLAG,
        "privacy.access": _FLAG,
        "privacy.erasure": _FLAG,
        "data.information_set": _LIST,
        "permit.residence_start": _TEXT,
        "permit.eligibility.residence": frozenset({"calendar_months", "calendar_days"}),
        "online.declaration": _FLAG,
        "online.e_certificate": _FLAG,
    }
)
"""Rule key → the units it may be given in."""

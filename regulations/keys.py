"""The rules a pack may state, the units each may be given in, who may have to act, and what may start it."""

from collections.abc import Mapping
from types import MappingProxyType

NUMBER_UNITS = frozenset({"working_days", "calendar_days", "calendar_months", "years", "hours", "yuan"})
"""Units whose value is a whole number, zero or more."""

RANGE_UNITS = frozenset({"yuan_range", "yuan_range_per_person"})
"""Units whose value is two whole numbers, the least and the most."""

UNITS = NUMBER_UNITS | RANGE_UNITS | {"flag", "text", "list"}
"""All units. `flag`: true or false; `text`: one name; `list`: names, each with its words where they are listed."""

_FLAG = frozenset({"flag"})
_TEXT = frozenset({"text"})
_LIST = frozenset({"list"})
_DAYS = frozenset({"working_days", "calendar_days"})
_PERIOD = _DAYS | {"calendar_months"}
_MONTHS = frozenset({"calendar_months"})
_YEARS = frozenset({"years"})
_YUAN = frozenset({"yuan"})
_FINE = RANGE_UNITS | _TEXT

_SCOPE = {
    "scope.floating_population": _TEXT,
    "scope.permit": _TEXT,
    "scope.other_city": _TEXT,
    "scope.rural": _FLAG,
    "foreigners.excluded": _FLAG,
    "foreigners.registration": frozenset({"hours"}),
    "hk_mo_tw.excluded": _FLAG,
}
_REGISTRATION = {
    "registration.duty": _FLAG,
    "registration.basis": _FLAG,
    "registration.min_stay": frozenset({"calendar_days"}),
    "registration.deadline": _DAYS,
    "registration.exempt.hotel": _FLAG,
    "registration.exempt.hospital": _FLAG,
    "registration.exempt.school": _FLAG,
    "registration.exempt.shelter": _FLAG,
    "registration.exempt.official_talent": _FLAG,
    "registration.exempt.visit": _FLAG,
    "registration.exempt.relatives": frozenset({"calendar_days", "flag"}),
    "registration.exempt.report": _FLAG | _DAYS,
    "registration.trigger_after_exempt": _TEXT,
    "registration.proxy.minor": _YEARS,
    "registration.proxy.elderly_disabled": _FLAG,
    "registration.proxy.docs": _LIST,
    "proxy.all_steps": _LIST,
    "proxy.close_relative": _LIST,
    "registration.docs": _LIST,
    "registration.docs.address": _LIST,
    "registration.docs.no_proof": _FLAG,
    "registration.certificate": _LIST,
    "registration.certificate.validity": frozenset({"calendar_months", "calendar_days"}),
    "registration.where": _LIST,
    "registration.channel": _LIST,
    "registration.online": _LIST,
    "registration.owner_confirms": _FLAG,
    "registration.cancels_old": _FLAG,
    "registration.review": _DAYS,
    "registration.deregister": _FLAG,
    "deregister": _LIST,
    "change.registration": _DAYS,
    "change.permit": _DAYS | _FLAG,
    "change.notice_once": _FLAG,
}
_REPORTS = {
    "report.assist": _FLAG,
    "report.tell_migrant": _FLAG,
    "report.landlord.start": _DAYS,
    "report.landlord.end": _DAYS,
    "report.landlord.house": _FLAG,
    "report.landlord.occupants": _FLAG,
    "report.landlord.collective_land": _FLAG,
    "report.landlord.identity_check": _FLAG,
    "report.landlord.contract_filing": _FLAG,
    "report.landlord.police_rule": _FLAG,
    "report.employer.start": _DAYS,
    "report.employer.end": _DAYS,
    "report.property": _DAYS,
    "report.agent": _DAYS,
    "landlord.deposit": _MONTHS,
}
_PERMIT = {
    "permit.eligibility.residence": frozenset({"calendar_months", "calendar_days"}),
    "permit.residence_start": _TEXT,
    "permit.residence_start.old_permit": _FLAG,
    "permit.eligibility.condition": _LIST,
    "permit.condition.employment": _LIST,
    "permit.condition.dwelling": _LIST,
    "permit.condition.study": _LIST,
    "permit.waiver": _LIST,
    "permit.docs": _LIST,
    "permit.docs.address": _LIST,
    "permit.docs.employment": _LIST,
    "permit.docs.study": _LIST,
    "permit.docs.truth": _FLAG,
    "permit.docs.relative_home": _LIST,
    "permit.proxy": _YEARS,
    "permit.where": _LIST,
    "permit.notice_once": _FLAG,
    "permit.correct_on_spot": _FLAG,
    "permit.accept": _FLAG,
    "permit.refusal": _FLAG,
    "permit.issue_limit": _DAYS,
    "permit.issue_limit.paper": _FLAG,
    "permit.issue_limit.extended": _DAYS,
    "permit.issue_limit.electronic": _DAYS,
    "permit.issue_limit.card": _DAYS,
    "permit.issuer": _TEXT,
    "permit.show": _FLAG,
    "permit.keep": _FLAG,
    "permit.form": _TEXT,
    "permit.replace": _LIST,
    "permit.truth": _FLAG,
    "permit.correct_data": _FLAG,
    "permit.end": _LIST,
    "permit.old": _FLAG,
}
_ENDORSEMENT = {
    "endorse.cycle": _YEARS,
    "endorse.window": _MONTHS,
    "endorse.anchor": _TEXT,
    "endorse.docs": _LIST,
    "endorse.late": _TEXT,
    "endorse.restore": _TEXT,
    "endorse.refuse": _FLAG,
    "endorse.help": _FLAG,
    "endorse.proxy": _YEARS,
    "endorse.online": _LIST,
}
_MONEY = {
    "fee.registration": _YUAN,
    "fee.first": _YUAN,
    "fee.endorse": _YUAN,
    "fee.electronic": _YUAN,
    "fee.replace": _YUAN | _TEXT,
    "penalty.migrant": _FINE,
    "penalty.reporter": _FINE,
    "penalty.host_institution": _FINE,
    "penalty.landlord.space.person": _FINE,
    "penalty.landlord.space.entity": _FINE,
    "penalty.permit.minor": _FINE,
    "penalty.permit.major": _FINE,
    "penalty.permit_fraud": _FINE,
    "penalty.permit_misuse": _FLAG,
    "penalty.official": _TEXT,
}
_RIGHTS = {
    "services.rights": _LIST,
    "services.public": _LIST,
    "services.convenience": _LIST,
    "services.more": _LIST,
    "services.publish": _FLAG,
    "services.settle": _FLAG,
    "points.settlement": _LIST,
    "points.indicators": _LIST,
    "points.indicators.base": _LIST,
    "points.indicators.plus_minus": _LIST,
    "privacy.confidential": _FLAG,
    "privacy.minimum": _FLAG,
    "privacy.separate_consent": _FLAG,
    "privacy.guardian_consent": _YEARS,
    "privacy.withdraw": _FLAG,
    "privacy.access": _FLAG,
    "privacy.erasure": _FLAG,
    "data.information_set": _LIST,
    "data.permit_face": _LIST,
    "data.sharing": _FLAG,
    "online.declaration": _FLAG,
    "online.e_certificate": _FLAG,
    "online.e_licence": _FLAG,
    "online.endorse_reminder": _FLAG,
    "online.permit": _FLAG,
}
_NOTICES = {
    "labour.arbitration": _YEARS,
    "labour.written_contract": _MONTHS,
    "labour.sue_after_award": _DAYS,
    "injury.employer_claim": _DAYS,
    "injury.worker_claim": _YEARS,
    "review.sixty_days": _DAYS,
}
_COUNTING = {
    "count.first_day": _FLAG,
    "count.hours": _FLAG,
    "count.month": _FLAG,
    "count.roll": _FLAG,
    "count.close": _FLAG,
    "count.include": _FLAG,
    "count.workday": _FLAG,
    "count.calendar_day": _FLAG,
    "count.waiting": _FLAG,
    "count.backward": _FLAG,
}

FAMILIES: Mapping[str, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "scope": _SCOPE,
        "registration": _REGISTRATION,
        "reports": _REPORTS,
        "permit": _PERMIT,
        "endorsement": _ENDORSEMENT,
        "money": _MONEY,
        "rights": _RIGHTS,
        "notices": _NOTICES,
        "counting": _COUNTING,
    }
)
"""The rules by what they are about, in the order in which they are shown."""

KEYS: Mapping[str, frozenset[str]] = MappingProxyType({k: u for family in FAMILIES.values() for k, u in family.items()})
"""Rule key → the units it may be given in."""

ACTORS = frozenset(
    {
        "migrant", "holder", "applicant", "person", "household_head_or_person", "guardian", "close_relative",
        "guardian_or_close_relative", "relative", "anyone", "nobody", "foreigner", "foreigner_or_host",
        "hk_mo_tw_resident", "landlord", "landlord_or_agent", "employer", "worker", "property_company", "agent",
        "operator", "medical_institution", "school", "relief_body", "receiving_body", "host_institution",
        "everybody_named", "authority", "police", "departments", "government", "officials", "handler",
    }
)  # fmt: skip
"""Who may have to act."""

TRIGGERS = frozenset(
    {
        "arrival", "stay", "leaving", "change", "declaration", "collection", "registration", "approval", "any_step",
        "standing", "lodging", "admission", "enrolment", "relief", "recording", "exempt_stay_ends", "moving_in",
        "tenancy_begins", "tenancy_ends", "letting", "employment_begins", "employment_ends", "told_or_learned",
        "introduction", "contract_signed", "residence_start", "application", "acceptance", "issue", "permit_held",
        "anniversary", "window_missed", "late_endorsement", "endorsement", "damage_or_loss", "event", "use", "request",
        "finding", "order_ignored", "rule_making", "work_begins", "accident", "award_received", "learned_of_act",
        "counting",
    }
)  # fmt: skip
"""What may start a duty or a period."""

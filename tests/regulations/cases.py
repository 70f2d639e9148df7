"""The worked cases of calculation-cases.csv: how a row is read, and how the program answers it."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from regulations import eligibility, endorsement
from regulations.calendar import Calendar
from regulations.deadlines import Deadline, deadline, is_under_age, is_within, moment, reaches
from regulations.explain import counted, explain
from regulations.fines import Fine, fine
from regulations.pack import Pack
from regulations.scope import is_floating, may_have_permit

Answer = dict[str, str]

RECORDERS = {
    "operator": "operator",
    "medical_institution": "medical institution",
    "school": "school or training body",
    "relief_body": "relief management body",
}
REGIONS = {
    "Xihu District": "330106", "Yuhang District": "330110", "Tonglu County": "330122", "Hangzhou": "330100",
    "Zhaoyang District": "530602", "Suijiang County": "530626", "Foshan": "440600", "Guangzhou": "440100",
    "Zengcheng District": "440118", "Tianhe District": "440106",
}  # fmt: skip
HERE = {"cn": "330100", "cn-zj-hangzhou": "330100", "cn-gd-guangzhou": "440100"}
WAIVERS = {"investor": "investor", "social insurance": "social_insurance"}
FACTS = {
    "employed": "employed", "rents lawful housing": "renting", "student status": "student_status",
    "studying continuously": "full_time_study",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    line: int
    jurisdiction: str
    key: str
    dates: tuple[date, ...]
    instant: str
    inputs: str
    expected: Answer
    explanation: str

    def __str__(self) -> str:
        return f"line {self.line} {self.jurisdiction} {self.key}"


def read_cases() -> list[Case]:
    with Path(__file__).with_name("calculation-cases.csv").open(encoding="utf-8", newline="") as file:
        return [read_case(line, row) for line, row in enumerate(csv.DictReader(file), start=2)]


def read_case(line: int, row: dict[str, str]) -> Case:
    given = row["input_date(s)"] + " " + row["other_inputs"]
    return Case(
        line,
        row["jurisdiction"],
        row["rule_key"],
        tuple(date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d(?!T)", given)),
        row["input_date(s)"],
        row["other_inputs"],
        pairs(row["expected_date_or_answer"]),
        row["explanation"],
    )


def pairs(text: str) -> Answer:
    """`name=value` pairs; what has no sign is a name alone."""
    named = (part.partition("=") for part in text.split("; "))
    return {name: value if sign else "" for name, sign, value in named}


def told(due: Deadline) -> Answer:
    if due.nominal is None:
        return {"error": due.problem}
    dates = {str(due.nominal): "", "nominal": str(due.nominal), "last_day": str(due.nominal)}
    return dates | ({"rolled": str(due.rolled)} if due.rolled else {"error": due.problem})


def answer_deadline(pack: Pack, case: Case) -> Answer:
    key = "permit.issue_limit.extended" if "longest extension" in case.inputs else case.key
    rule = pack.rule(key, case.dates[0])
    due = deadline(rule, case.dates[0], Calendar())
    if "Counted days" in case.explanation:
        assert counted(rule, case.dates[0], Calendar()) in case.explanation
    elif "Nominal last day" in case.explanation:
        assert explain(pack, key, [str(case.dates[0])], Calendar()).steps[0] in case.explanation
    return told(due)


def answer_min_stay(pack: Pack, case: Case) -> Answer:
    days = int(re.findall(r"(\d+) days", case.inputs)[0])
    if not reaches(pack.rule(case.key), days):
        return {"duty": "no"}
    due = deadline(pack.rule("registration.deadline"), case.dates[0], Calendar())
    return {"duty": "yes", "deadline": str(due.nominal)}


def answer_after_exempt(pack: Pack, case: Case) -> Answer:
    first, last, _moved_in = case.dates
    event = {"exempt_stay_ends": last, "arrival": first}[str(pack.rule(case.key).value)]
    return told(deadline(pack.rule("registration.deadline"), event, Calendar()))


def answer_exempt(pack: Pack, case: Case) -> Answer:
    rule = pack.rule(case.key)
    if rule.value is not True or "off campus" in case.inputs:
        return {"self_declaration": "required"}
    recorder = {} if rule.who == "nobody" else {"who_records": RECORDERS[rule.who]}
    return {"self_declaration": "not required"} | recorder


def answer_relatives(pack: Pack, case: Case) -> Answer:
    rule = pack.rule(case.key)
    if rule.unit == "flag":
        return {"self_declaration": "voluntary"}
    days = (case.dates[1] - case.dates[0]).days
    exempt = "close relative" in case.inputs and is_within(rule, days)
    return {"days": str(days), "self_declaration": "not required" if exempt else "required"}


def answer_scope(pack: Pack, case: Case) -> Answer:
    named = [REGIONS[name] for name in re.findall("|".join(sorted(REGIONS, key=len, reverse=True)), case.inputs)]
    hukou, here = named[0], HERE.get(case.jurisdiction, named[1])
    return {"floating": "yes" if is_floating(pack.rule(case.key), hukou, here) else "no"}


def answer_other_city(pack: Pack, case: Case) -> Answer:
    answer = may_have_permit(pack, REGIONS["Tonglu County"], REGIONS["Hangzhou"])
    return {"doubtful": "yes", "ask the police": ""} if answer == "ask_police" else {"doubtful": "no"}


def answer_foreigners(pack: Pack, case: Case) -> Answer:
    rule = pack.rule("hk_mo_tw.excluded" if "Hong Kong" in case.inputs else case.key)
    return {"this_flow": "no" if rule.value is True else "yes", "use national rules": ""}


def answer_lodging(pack: Pack, case: Case) -> Answer:
    end = moment(pack.rule("foreigners.registration"), datetime.fromisoformat(case.instant))
    return {end.isoformat(timespec="minutes"): ""}


def answer_rural(pack: Pack, case: Case) -> Answer:
    exempt = pack.rule("scope.rural").value is True and "village" in case.inputs
    return {"duty": "no under national rule" if exempt else "yes", "check province": ""}


def answer_waiting(pack: Pack, case: Case) -> Answer:
    start = eligibility.residence_from(pack, case.dates[0], case.dates[-1])
    found = eligibility.waiting(pack.rule("permit.eligibility.residence"), start)
    return {"last_day": str(found.last), "eligible_from": str(found.safe_from), "day_183": str(found.last)}


def answer_eligibility(pack: Pack, case: Case) -> Answer:
    registered, applied = case.dates
    facts = {name for words, name in FACTS.items() if words in case.inputs}
    found = eligibility.eligibility(pack, registered, applied, facts)
    return {"eligible": f"yes (by {found.met[0]})" if found.may_apply else "no"}


def answer_waiver(pack: Pack, case: Case) -> Answer:
    reasons = {name for words, name in WAIVERS.items() if words in case.inputs}
    registered, applied = case.dates
    found = eligibility.eligibility(pack, registered, applied, set(eligibility.facts_asked(pack)), reasons)
    assert found.may_apply
    return {"half_year_required": "no" if found.waiting is None else "yes"}


def answer_window(pack: Pack, case: Case) -> Answer:
    year = int(re.findall(r"year (\d)", case.instant)[0])
    found = endorsement.window(pack, case.dates[0], year)
    near = endorsement.next_window(pack, case.dates[0], found.opens)
    assert near == found
    last = endorsement.last_office_day(found, Calendar())
    return {
        "opens": str(found.opens), "last_safe_day": str(found.last_safe), "anniversary": str(found.anniversary),
        "last_office_day": str(last.on),
    }  # fmt: skip


STATES = {
    "open": {"window": "open (last safe day)"},
    "anniversary": {"window": "anniversary", "act today, result doubtful": ""},
    "late": {"window": "late", "function suspended": ""},
}


def answer_state(pack: Pack, case: Case) -> Answer:
    issued, today = case.dates
    found = endorsement.window(pack, issued, 1)
    state = found.state_on(today)
    assert state != "open" or today == found.last_safe
    assert pack.rule("endorse.late").value == "suspended"
    return STATES[state]


def answer_late(pack: Pack, case: Case) -> Answer:
    issued, done = case.dates
    missed = endorsement.window(pack, issued, 1)
    found = endorsement.restored(pack, issued, missed, done)
    answer = {"function": f"restored on {found.on}", "residence_count_from": str(found.count_from)}
    if found.next_anniversary is not None:
        answer["next_anniversary"] = str(found.next_anniversary)
    out = found.left_out
    if out is None:
        return answer
    if out == found.suspended:
        return answer | {"suspended": f"{out.first} to {out.last} ({out.days} days, not counted)"}
    return {f"residence year {out.first} to {out.last} not added up": ""}


def answer_refuse(pack: Pack, case: Case) -> Answer:
    met = eligibility.conditions_met(pack, set())
    ended = "conditions_lost" in pack.rule("permit.end").names
    refused = pack.rule(case.key).value is True and not met
    reason = {"reason must be given": ""} if "说明理由" in pack.rule(case.key).words["zh"] else {}
    return {"endorse": "no" if refused else "yes", "function": "ended" if ended else "suspended"} | reason


def answer_fee(pack: Pack, case: Case) -> Answer:
    return {"fee": f"CNY {pack.rule({'endorse.fee': 'fee.endorse'}.get(case.key, case.key)).value}"}


def answer_fine(pack: Pack, case: Case) -> Answer:
    rule = pack.rule(case.key)
    people = int((re.findall(r"(\d+) (?:tenants|workers|guests)", case.inputs) or ["1"])[0])
    found = fine(rule, people)
    assert found is not None
    if "inside the time set" in case.inputs and found.after_order:
        return {"fine": "none under this article"}
    return amounts(found, rule.unit == "yuan_range_per_person")


def amounts(found: Fine, by_head: bool) -> Answer:
    """A fine as the cases write it."""
    if found.least == found.most:
        return {"fine": f"CNY {found.most}"}
    if found.least:
        return {"fine": f"CNY {found.least} to {found.most}"}
    order = {} if found.after_order else {"order to correct": ""}
    return order | {f"fine up to CNY {found.most}{' (CNY 100 per person)' if by_head else ''}": ""}


def answer_misuse(pack: Pack, case: Case) -> Answer:
    if "forged" in case.inputs:
        found = fine(pack.rule("penalty.permit.major"))
        assert found is not None
        return {"fine": f"CNY {found.least} to {found.most}", "unlawful gains taken": "", "permit confiscated": ""}
    found = fine(pack.rule("penalty.permit.minor"))
    assert found is not None
    return {f"warning, order to correct, fine up to CNY {found.most}, unlawful gains taken": ""}


def answer_minor(pack: Pack, case: Case) -> Answer:
    rule = pack.rule(case.key)
    under = is_under_age(rule, *case.dates)
    return {"who_declares": f"{rule.who} (must)" if under else "the child personally"}


def answer_proxy(pack: Pack, case: Case) -> Answer:
    rule = pack.rule(case.key)
    if rule.key == "proxy.all_steps":
        applies = "endorsement" in rule.names and "close relative" in case.inputs
    else:
        applies = rule.value is True and "mobile" not in case.inputs
    if not applies:
        return {"proxy": "not provided for"}
    both = pack.rule("registration.proxy.docs").names == ("identity", "agent_identity")
    return {"proxy": "allowed", "papers": "valid ID of both" if both else "other"}


def answer_notice_once(pack: Pack, case: Case) -> Answer:
    assert pack.rule(case.key).value is True
    return {"authority tells the applicant everything missing in one go": ""}


def answer_contract(pack: Pack, case: Case) -> Answer:
    due = deadline(pack.rule(case.key), case.dates[0], Calendar())
    wait = eligibility.waiting(pack.rule(case.key), case.dates[0])
    return {"deadline": str(due.nominal), f"double pay from {wait.safe_from}": ""}


ANSWERS: dict[str, Callable[[Pack, Case], Answer]] = {
    "registration.deadline": answer_deadline,
    "registration.min_stay": answer_min_stay,
    "registration.trigger_after_exempt": answer_after_exempt,
    "registration.exempt.relatives": answer_relatives,
    "registration.exempt.*": answer_exempt,
    "registration.rural": answer_rural,
    "registration.proxy.minor": answer_minor,
    "registration.proxy.elderly_disabled": answer_proxy,
    "proxy.all_steps": answer_proxy,
    "scope.floating_population": answer_scope,
    "scope.other_city": answer_other_city,
    "foreigners.excluded": answer_foreigners,
    "foreigners.lodging_24h": answer_lodging,
    "report.*": answer_deadline,
    "change.*": answer_deadline,
    "permit.residence_period": answer_waiting,
    "permit.residence_start": answer_waiting,
    "permit.eligibility": answer_eligibility,
    "permit.waiver": answer_waiver,
    "permit.notice_once": answer_notice_once,
    "permit.issue_limit": answer_deadline,
    "permit.issue_limit.*": answer_deadline,
    "endorse.window": answer_window,
    "endorse.last_office_day": answer_window,
    "endorse.status": answer_state,
    "endorse.late": answer_late,
    "endorse.refuse": answer_refuse,
    "endorse.fee": answer_fee,
    "fee.replace": answer_fee,
    "penalty.permit_misuse": answer_misuse,
    "penalty.*": answer_fine,
    "labour.written_contract": answer_contract,
    "labour.*": answer_deadline,
    "injury.*": answer_deadline,
    "review.*": answer_deadline,
}


def answering(key: str) -> Callable[[Pack, Case], Answer]:
    """The function for a key, or for its family; KeyError where nothing answers."""
    family = key.rpartition(".")[0]
    while f"{family}.*" not in ANSWERS and "." in family:
        family = family.rpartition(".")[0]
    return ANSWERS[key] if key in ANSWERS else ANSWERS[f"{family}.*"]

"""Mass messages to a list of openids: four a person and calendar month."""

from collections.abc import Mapping
from typing import Any

from tests.doubles.wechat_account import OPERATOR, Account
from tests.doubles.wechat_custom import shown
from tests.doubles.wechat_people import Person, State
from tests.doubles.wechat_refusal import Refusal

FEWEST, MOST = 2, 10_000
ID_LENGTH = 64


def mass(account: Account, body: Mapping[str, Any]) -> dict[str, Any]:
    """message/mass/send; its result comes as an event."""
    openids = body.get("touser")
    if not isinstance(openids, list) or not FEWEST <= len(openids) <= MOST:
        raise Refusal(40130)
    _check_once(account, str(body.get("clientmsgid", "")))
    text, number = shown(body), next(account.numbers)
    people = [account.person(openid) for openid in dict.fromkeys(openids) if account.people.has(openid)]
    reached = [person for person in people if _arrives(account, person)]
    for person in reached:
        account.saw(person.openid, text, "mass")
    account.mass_ids[str(body.get("clientmsgid", ""))] = number
    counts = {"TotalCount": len(openids), "FilterCount": len(reached), "SentCount": len(reached), "ErrorCount": 0}
    elements = {name: str(value) for name, value in counts.items()}
    account.owe(OPERATOR, "MASSSENDJOBFINISH", MsgID=str(number), Status="send success", **elements)
    return {"msg_id": number, "msg_data_id": number}


def _arrives(account: Account, person: Person) -> bool:
    """Whether a person gets it; one too many in a month is noted, though the call is none the worse for it."""
    if person.state is not State.FOLLOWING:
        return False
    arrives = person.spend_mass(account.clock.now())
    if not arrives:
        account.violate("month", person.openid)
    return arrives


def _check_once(account: Account, given: str) -> None:
    """The same clientmsgid is sent once."""
    if len(given) > ID_LENGTH:
        raise Refusal(45067)
    if given and given in account.mass_ids:
        raise Refusal(45065, msg_id=account.mass_ids[given])
